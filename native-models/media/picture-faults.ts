/** What goes wrong while a picture is decoded, as errors of the closed list. */
import { AppError } from '../../preload/contract/errors.ts';

/** Rejects after `limitMs` even if libvips, which looks at its clock between lines only, is stuck in one step. */
export async function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tookTooLong()), limitMs);
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function tookTooLong(): AppError {
  return new AppError(
    'timed_out',
    'Decoding the picture took too long. Save it in another format and try again.',
  );
}

/** Sound files that libvips has no decoder for: LZMA, old JPEG, LAB and tiled planes in TIFF, JPEG of 12 bits, … */
const unknownVariants =
  /not configured|separate planes|bad labq|whole number of bytes|Unsupported (?:JPEG (?:process|data precision)|codec)/i;

/** Decoders' own words may hold addresses or names, so none of them reach a person. */
export function explainPictureFault(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : '';
  if (text.includes('timeout:')) return tookTooLong();
  if (/exceeds (?:pixel|channel) limit|security limit/i.test(text)) {
    return new AppError('media_too_large', 'The picture is too large to be read.', { cause: error });
  }
  if (unknownVariants.test(text)) {
    return new AppError(
      'media_unsupported',
      'The picture is of a rare kind that the app can’t decode. Save it as PNG and try again.',
      { cause: error },
    );
  }
  if (/allocate(?!.*TIFF directory)|out of memory/i.test(text)) {
    return new AppError(
      'out_of_memory',
      'There is not enough memory for this picture. Close something and try again.',
      { retryable: true, cause: error },
    );
  }
  return new AppError('media_broken', 'The picture is damaged: it can be recognised but not decoded.', {
    cause: error,
  });
}
