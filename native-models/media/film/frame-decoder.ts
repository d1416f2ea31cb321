/** The one seam between a film and its decoders: encoded frames in, planes of brightness and colour out. */
import type { FramePlanes } from './frame-planes.ts';
import { startNalDecoder } from './nal-decoder.ts';
import { startWebmDecoder } from './webm-decoder.ts';

/** Names as mediabunny has them. */
export type FilmCodec = 'avc' | 'hevc' | 'vp8' | 'vp9' | 'av1';

/** One frame as the container holds it, in the order they are decoded. */
export interface EncodedFrame {
  bytes: Uint8Array;
  /** Whether decoding may start here. */
  isKey: boolean;
  /** Comes back with the decoded frame; below 2^31. */
  number: number;
}

export interface FrameDecoder {
  /** Forgets what came before; the next frame must be a key frame that `canStartAt` accepts. */
  restart(): void;
  /** Frames come out by `onFrame` before this returns, in the order they are shown, some only after later ones went in. */
  decode(frame: EncodedFrame): void;
  /**
   * Makes the frames still inside come out; then `restart` before going on.
   * @param fresh the film's first key frame, for libraries that let go of frames only when others come
   */
  drain(fresh: Uint8Array): void;
  /** Whether decoding may begin at this key frame; some lean on what comes before them. */
  canStartAt(bytes: Uint8Array): boolean;
  /** Whether no other frame is built on this one, so that it may be left out. */
  isDroppable(bytes: Uint8Array): boolean;
}

export interface FilmStream {
  codec: FilmCodec;
  /** The container's own words on the codec (avcC, hvcC); null where it has none. */
  description: Uint8Array | null;
  /** Of a stored frame, as the container tells. */
  width: number;
  height: number;
}

/** A frame that came out. The planes are the decoder's memory: they are gone when `onFrame` returns. */
export type OnFrame = (number: number, planes: FramePlanes) => void;

/** Memory for frames of up to 2560 × 1440 with all their references; larger ones get twice as much. */
const memoryBytes = 256 * 1024 * 1024;

/**
 * A decoder with memory of its own.
 * @throws AppError `media_broken` for a description that contradicts itself; what a decoder throws later (a trap, or
 *   `Aborted(OOM)`) leaves it in an unknown state
 */
export function startFrameDecoder(stream: FilmStream, onFrame: OnFrame): Promise<FrameDecoder> {
  const isLarge = stream.width * stream.height > 2560 * 1440;
  const options = { onFrame, memoryBytes: isLarge ? 2 * memoryBytes : memoryBytes };
  return stream.codec === 'avc' || stream.codec === 'hevc'
    ? startNalDecoder({ codec: stream.codec, description: stream.description }, options)
    : startWebmDecoder(stream.codec, options);
}
