/** H.264 and H.265 as mp4 and Matroska store them (units behind their lengths), turned into what decoders read (units behind start codes). */
import { AppError } from '../../../preload/contract/errors.ts';

const startCode = Uint8Array.of(0, 0, 0, 1);

/** What a container tells about a stream before its first frame. */
export interface NalHeader {
  /** Sets of parameters, each behind a start code, to be put in front of key frames; may be empty. */
  parameterSets: Uint8Array;
  /** Bytes of each unit's length. */
  lengthBytes: number;
}

/**
 * Source: ISO/IEC 14496-15, AVCDecoderConfigurationRecord and HEVCDecoderConfigurationRecord.
 * @throws AppError `media_broken` where it ends too early
 */
export function readNalHeader(codec: 'avc' | 'hevc', description: Uint8Array | null): NalHeader {
  if (!description) return { parameterSets: new Uint8Array(0), lengthBytes: 4 };
  let at = codec === 'avc' ? 5 : 22;
  const take = (count: number): Uint8Array => {
    const bytes = description.subarray(at, at + count);
    if (bytes.length < count)
      throw new AppError('media_broken', 'The film is damaged: its header is cut off.');
    at += count;
    return bytes;
  };
  const takeNumber = (bytes: 1 | 2) => take(bytes).reduce((value, byte) => value * 256 + byte, 0);
  const sets: Uint8Array[] = [];
  const takeSets = (count: number) => {
    for (let index = 0; index < count; index++) sets.push(startCode, take(takeNumber(2)));
  };
  if (codec === 'avc') {
    takeSets(takeNumber(1) & 31);
    takeSets(takeNumber(1));
  } else {
    for (let left = takeNumber(1); left > 0; left--) {
      take(1); // the kind of the units, which they tell themselves
      takeSets(takeNumber(2));
    }
  }
  const packed = description[codec === 'avc' ? 4 : 21]!;
  return {
    parameterSets: Buffer.concat(sets),
    lengthBytes: (packed & 3) + 1,
  };
}

/** The units of one frame; a length that leads beyond the frame ends with it. */
export function* splitUnits(bytes: Uint8Array, lengthBytes: number): Generator<Uint8Array> {
  for (let at = 0; at + lengthBytes < bytes.length; ) {
    let length = 0;
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + bytes[at + index]!;
    at += lengthBytes;
    if (length > 0) yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** The frame's units behind start codes, after `inFront`. */
export function writeStartCodes(
  bytes: Uint8Array,
  { lengthBytes, inFront }: { lengthBytes: number; inFront: Uint8Array },
): Uint8Array {
  const parts = [inFront];
  for (const unit of splitUnits(bytes, lengthBytes)) parts.push(startCode, unit);
  return Buffer.concat(parts);
}

/** Whether no other H.264 frame is predicted from this unit's. Source: ITU-T H.264 7.4.1, nal_ref_idc. */
export function isUnreferenced(unit: Uint8Array): boolean {
  return (unit[0]! & 0x60) === 0;
}

/** Whether the H.264 unit holds a part of the picture. */
export function isPictureUnit(unit: Uint8Array): boolean {
  const type = unit[0]! & 31;
  return type >= 1 && type <= 5;
}

/** Whether the frame lets nothing after it lean on anything before it: H.264's and H.265's IDR pictures. */
export function isFreshStart(codec: 'avc' | 'hevc', units: Iterable<Uint8Array>): boolean {
  for (const unit of units) {
    const type = codec === 'avc' ? unit[0]! & 31 : (unit[0]! >> 1) & 63;
    if (codec === 'avc' ? type === 5 : type === 19 || type === 20) return true;
  }
  return false;
}
