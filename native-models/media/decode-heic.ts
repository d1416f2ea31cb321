/** An HEIC or HEIF photo → upright RGB pixels. It is decoded in a thread of its own, under limits. */

import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { AppError, errorFromReport } from '../../preload/contract/errors.ts';
import type { Size } from './box.ts';
import { closedThread } from './closed-thread.ts';
import { convertToSrgb } from './colour-profile.ts';
import type { HeicAnswer, HeicReply, HeicThreadStart } from './heic/heic-worker.ts';
import { type PictureLimits, pictureLimits } from './limits.ts';
import { explainPictureFault, withinTime } from './picture-faults.ts';
import type { RgbPicture } from './rgb-picture.ts';
import { compileWasmFile } from './web-assembly.ts';

const require = createRequire(import.meta.url);

/**
 * The file's main picture, turned and mirrored as its own properties tell (EXIF's orientation repeats them and doesn't
 * count), alpha on white, more than 8 bits cut to 8, colours as sRGB.
 * @param options.asReference leave the colour profile out of account; default false
 * @throws AppError `media_unsupported`, `media_broken`, `media_too_large`, `timed_out`
 */
export async function decodeHeic(
  bytes: Uint8Array,
  options: { limits?: Readonly<PictureLimits>; asReference?: boolean } = {},
): Promise<RgbPicture> {
  const { limits = pictureLimits, asReference = false } = options;
  const { decoded } = await askThread(bytes, { limits, wantsPixels: true });
  const { picture, profile } = decoded!;
  if (profile === null || asReference) return picture;
  try {
    const { decodeMs } = limits;
    return await withinTime(convertToSrgb(picture, { profile, decodeMs }), decodeMs);
  } catch (error) {
    throw explainPictureFault(error);
  }
}

/** The size the photo will have, upright; nothing is decoded. @throws AppError as `decodeHeic` */
export async function measureHeic(bytes: Uint8Array, limits: Readonly<PictureLimits>): Promise<Size> {
  return (await askThread(bytes, { limits, wantsPixels: false })).size;
}

async function askThread(
  bytes: Uint8Array,
  asked: { limits: Readonly<PictureLimits>; wantsPixels: boolean },
): Promise<HeicAnswer> {
  const copy = new Uint8Array(bytes);
  const compiled = await compileWasmFile(require.resolve('libheif-js/libheif-wasm/libheif.wasm'));
  const workerData: HeicThreadStart = { compiled, bytes: copy, ...asked };
  const options = closedThread({ workerData, transferList: [copy.buffer] });
  const worker = new Worker(new URL('./heic/heic-worker.ts', import.meta.url), options);
  try {
    const reply = await firstReply(worker, asked.limits.decodeMs);
    if (reply === 'gone') throw new AppError('media_broken', "The photo is damaged and can't be decoded.");
    if (reply === 'silent') {
      throw new AppError(
        'timed_out',
        'Decoding the photo took too long. Save it in another format and try again.',
      );
    }
    if ('error' in reply) throw errorFromReport(reply.error);
    return reply;
  } finally {
    await worker.terminate();
  }
}

function firstReply(worker: Worker, limitMs: number): Promise<HeicReply | 'silent' | 'gone'> {
  const { promise, resolve } = Promise.withResolvers<HeicReply | 'silent' | 'gone'>();
  const timer = setTimeout(resolve, limitMs, 'silent');
  worker.once('message', resolve);
  worker.once('error', () => resolve('gone'));
  worker.once('exit', () => resolve('gone'));
  return promise.finally(() => clearTimeout(timer));
}
