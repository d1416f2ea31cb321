/** The thread one photo is decoded in: what breaks or stalls the decoder ends the thread and nothing else. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AppError, type AppErrorReport, reportError } from '../../../preload/contract/errors.ts';
import type { Size } from '../box.ts';
import type { ColourProfile } from '../colour-profile.ts';
import type { PictureLimits } from '../limits.ts';
import type { RgbPicture } from '../rgb-picture.ts';
import type { CompiledWasm } from '../web-assembly.ts';
import { openPhoto } from './libheif.ts';

export interface HeicThreadStart {
  compiled: CompiledWasm;
  bytes: Uint8Array;
  limits: Readonly<PictureLimits>;
  /** Whether to decode, too. */
  wantsPixels: boolean;
}

export interface HeicAnswer {
  size: Size;
  decoded: { picture: RgbPicture; profile: ColourProfile | null } | null;
}

export type HeicReply = HeicAnswer | { error: AppErrorReport };

const { compiled, wantsPixels, ...file } = workerData as HeicThreadStart;
const port = parentPort as MessagePort;
try {
  const photo = await openPhoto(compiled, file);
  const decoded = wantsPixels ? { picture: await photo.decode(), profile: photo.readProfile() } : null;
  const moved = decoded ? [decoded.picture.pixels.buffer as ArrayBuffer] : [];
  port.postMessage({ size: photo.size, decoded } satisfies HeicReply, moved);
} catch (error) {
  const fault =
    error instanceof AppError
      ? error
      : new AppError('media_broken', "The photo is damaged and can't be decoded.", { cause: error });
  port.postMessage({ error: reportError(fault) } satisfies HeicReply);
}
