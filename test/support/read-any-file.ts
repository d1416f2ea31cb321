/** What comes of a file whatever it is: its pixels and text, or an error by name; anything else fails the test. */
import assert from 'node:assert/strict';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { sniffMediaKind } from '../../native-models/media/media-kind.ts';
import { readOfficeText } from '../../native-models/media/office-text.ts';
import { openPdf } from '../../native-models/media/pdf-document.ts';
import { sniffPictureKind } from '../../native-models/media/picture-file.ts';
import { inspectPicture } from '../../native-models/media/picture-header.ts';
import { AppError, type AppErrorCode, appErrorCodes } from '../../preload/contract/errors.ts';
import type { Sample } from './sample-formats.ts';

export type Outcome = 'pixels' | 'text' | AppErrorCode;

/** Reads the file in this process, as the media process would: a picture's last page, a PDF's first, a text whole. */
export async function readAnyFile({ name, bytes }: Sample): Promise<Outcome> {
  try {
    const kind = sniffMediaKind(bytes.subarray(0, 1024));
    if (kind === 'picture') return await readPicture(bytes);
    if (kind === 'pdf') return await readFirstPage(bytes);
    if (kind === 'film') return 'media_unsupported'; // read by its frames, elsewhere
    const { text } = readOfficeText({ bytes, name });
    assert.equal(typeof text, 'string');
    return 'text';
  } catch (error) {
    return requireNamedError(error);
  }
}

/** @throws whatever is no error of the closed list, or says that the fault is ours */
export function requireNamedError(error: unknown): AppErrorCode {
  const isNamed = error instanceof AppError && appErrorCodes.includes(error.code);
  if (!isNamed || error.code === 'internal') throw error;
  assert.doesNotMatch(
    error.message,
    /0x[0-9a-f]{6}|\/tmp\/|node_modules|at .*:\d+:\d+/,
    'tells nothing of the inside',
  );
  return error.code;
}

async function readPicture(bytes: Uint8Array): Promise<Outcome> {
  const isPhoto = sniffPictureKind(bytes) === 'heic'; // has one page, and takes a thread to be asked
  const page = isPhoto ? 1 : (await inspectPicture(bytes)).pageCount;
  const { width, height, pixels } = await decodePicture({ bytes }, page > 1 ? { page } : {});
  assert.ok(width > 0 && height > 0 && pixels.length === width * height * 3);
  return 'pixels';
}

async function readFirstPage(bytes: Uint8Array): Promise<Outcome> {
  const pdf = await openPdf(bytes, { limits: { openMs: 10_000, pageMs: 10_000 } });
  try {
    const { width, height, pixels } = await pdf.renderPage(1, { maxTiles: 1, tileSize: 112 });
    assert.equal(pixels.length, width * height * 3);
    await pdf.pageText(1);
    return 'pixels';
  } finally {
    await pdf.close();
  }
}
