/** A film inside its thread: what it is, when its frames are shown, and how they are to look. */
import { EncodedPacketSink, Input, type InputVideoTrack, MATROSKA, MP4, QTFF, WEBM } from 'mediabunny';
import { AppError } from '../../../preload/contract/errors.ts';
import { requireKnownCodec } from './film-codec.ts';
import type { FilmLimits } from './film-limits.ts';
import { type FilmSource, openFilmSource } from './film-source.ts';
import { type FilmTimes, listFrameTimes } from './film-times.ts';
import type { FilmCodec, FilmStream } from './frame-decoder.ts';
import type { FrameLook } from './frame-planes.ts';

export interface FilmHeader {
  /** Of a frame as shown, turned upright. */
  widthPx: number;
  heightPx: number;
  durationMs: number;
  /** Average, frames a second. */
  frameRate: number;
  /** How far the file turns its frames clockwise; already in the sizes and frames. */
  rotation: FrameLook['rotation'];
  codec: FilmCodec;
}

export interface FilmOutline {
  header: FilmHeader;
  times: FilmTimes;
}

export interface FilmFile {
  sink: EncodedPacketSink;
  stream: FilmStream;
  look: FrameLook;
  /** Walks through the film. @throws AppError `media_too_large`, `media_broken` without any frame */
  outline(): Promise<FilmOutline>;
}

/** @throws AppError `file_unreadable`, `path_refused`, `media_unsupported`, `media_broken`, `media_too_large` */
export async function openFilmFile(source: FilmSource, limits: FilmLimits): Promise<FilmFile> {
  const input = new Input({ source: openFilmSource(source, limits), formats: [MP4, QTFF, MATROSKA, WEBM] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) {
    const hasSound = (await input.getTracks()).length > 0;
    throw hasSound
      ? new AppError('media_unsupported', 'This file holds sound but no film.')
      : new AppError('media_broken', 'The film is damaged or cut off: no frame can be found in it.');
  }
  const codec = await requireKnownCodec(track);
  const [width, height] = [await track.getCodedWidth(), await track.getCodedHeight()];
  checkFrameSize({ width, height }, limits);
  const description = (await track.getDecoderConfig())?.description ?? null;
  const look = await readLook(track);
  const isTurned = look.rotation % 180 !== 0;
  return {
    sink: new EncodedPacketSink(track),
    stream: { codec, width, height, description: description && copyBytes(description) },
    look,
    async outline() {
      const times = await listFrameTimes(track, limits);
      if (times.frameCount < 1)
        throw new AppError('media_broken', 'The film is damaged: no frame can be found in it.');
      checkDuration(times, limits);
      return {
        times,
        header: {
          widthPx: isTurned ? height : width,
          heightPx: isTurned ? width : height,
          durationMs: Math.round(times.durationSeconds * 1000),
          frameRate: times.frameRate,
          rotation: look.rotation,
          codec,
        },
      };
    },
  };
}

/** @throws AppError `media_too_large`, and `media_broken` for a frame without pixels */
export function checkFrameSize(
  { width, height }: { width: number; height: number },
  limits: FilmLimits,
): void {
  if (width * height < 1)
    throw new AppError('media_broken', 'The film does not tell the size of its frames.');
  if (width * height <= limits.pixels) return;
  const most = Math.floor(limits.pixels / 1e6);
  throw new AppError(
    'media_too_large',
    `The film has ${width} × ${height} pixels a frame; at most ${most} megapixels can be read.`,
  );
}

function checkDuration({ durationSeconds }: FilmTimes, limits: FilmLimits): void {
  if (durationSeconds <= limits.durationSeconds) return;
  const hours = Math.floor(limits.durationSeconds / 360) / 10;
  throw new AppError('media_too_large', `The film is longer than the ${hours} hours that can be read.`);
}

const matrices: Record<string, FrameLook['matrix']> = {
  bt709: 'bt709',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  'bt2020-ncl': 'bt2020',
};

async function readLook(track: InputVideoTrack): Promise<FrameLook> {
  const { matrix, fullRange } = await track.getColorSpace();
  return {
    rotation: await track.getRotation(),
    isMirrored: await track.getFlip(),
    matrix: matrices[matrix ?? ''] ?? null,
    fullRange: fullRange ?? false,
  };
}

function copyBytes(source: ArrayBufferLike | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
}
