/** The only door to libavc and libhevc, Android's decoders of H.264 and H.265, compiled to WebAssembly: no files, no network. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import createModule from 'jv4-decoder/wasm/types/videodec_simd.js';
import type { FrameDecoder, OnFrame } from './frame-decoder.ts';
import {
  isFreshStart,
  isPictureUnit,
  isUnreferenced,
  readNalHeader,
  splitUnits,
  writeStartCodes,
} from './nal-units.ts';
import { setWasmMemory } from './wasm-memory.ts';

/** Frame numbers from here on belong to frames that only push others out. */
const pushingNumber = 2 ** 31;

/** More than the 16 frames that the standards let a decoder hold back. */
const mostPushes = 24;

interface NalLibrary {
  HEAPU8: Uint8Array;
  HEAPU32: Uint32Array;
  VideoDecoder: new (events: {
    videoInfo(width: number, height: number): void;
    /** @param planesAt where the addresses of the three planes lie */
    yuvData(planesAt: number, number: number): void;
    errorInfo(text: string): void;
  }) => {
    setCodec(codec: 'avc' | 'hevc', format: 'annexb', extra: ''): void;
    decode(bytes: Uint8Array, isKey: 0 | 1, number: number): void;
  };
}

const startLibrary = createModule as unknown as (options: object) => Promise<NalLibrary>;

/** 8 bits, 4:2:0; libavc reads the Baseline, Main and High profiles, libhevc Main. */
export async function startNalDecoder(
  stream: { codec: 'avc' | 'hevc'; description: Uint8Array | null },
  { onFrame, memoryBytes }: { onFrame: OnFrame; memoryBytes: number },
): Promise<FrameDecoder> {
  const { codec } = stream;
  const { parameterSets, lengthBytes } = readNalHeader(codec, stream.description);
  const file = fileURLToPath(import.meta.resolve('jv4-decoder/wasm/types/videodec_simd.wasm'));
  const ignore = () => {};
  const library = await startLibrary({
    // The library can't grow its memory, so it gets all of it at once; the system gives only what is touched.
    wasmBinary: setWasmMemory(await readFile(file), { startBytes: memoryBytes, mostBytes: memoryBytes }),
    print: ignore,
    printErr: ignore,
  });
  let [width, height] = [0, 0];
  let pushedOut = false;
  const decoder = new library.VideoDecoder({
    videoInfo(frameWidth, frameHeight) {
      [width, height] = [frameWidth, frameHeight];
    },
    yuvData(planesAt, number) {
      if (number >= pushingNumber) pushedOut = true;
      else onFrame(number, planesOf(library, { planesAt, width, height }));
    },
    errorInfo: ignore,
  });

  const withStartCodes = (bytes: Uint8Array, isKey: boolean) =>
    writeStartCodes(bytes, { lengthBytes, inFront: isKey ? parameterSets : new Uint8Array(0) });
  const restart = () => decoder.setCodec(codec, 'annexb', '');
  restart();
  return {
    restart,
    decode: ({ bytes, isKey, number }) => decoder.decode(withStartCodes(bytes, isKey), isKey ? 1 : 0, number),
    // The wrapper has no flush: an IDR picture ends what came before, and the same again pushes that out.
    drain(fresh) {
      const written = withStartCodes(fresh, true);
      pushedOut = false;
      for (let push = 0; !pushedOut && push < mostPushes; push++) {
        decoder.decode(written, 1, pushingNumber + push);
      }
    },
    // libavc hands out nothing before an IDR picture; the key frames of open groups of pictures are plain I pictures.
    canStartAt: (bytes) => codec === 'hevc' || isFreshStart(codec, splitUnits(bytes, lengthBytes)),
    // libhevc hands out nothing more once frames are missing.
    isDroppable(bytes) {
      if (codec === 'hevc') return false;
      const units = [...splitUnits(bytes, lengthBytes)].filter(isPictureUnit);
      return units.length > 0 && units.every(isUnreferenced);
    },
  };
}

function planesOf(
  { HEAPU8: bytes, HEAPU32: addresses }: NalLibrary,
  { planesAt, width, height }: { planesAt: number; width: number; height: number },
) {
  const [y, u, v] = [0, 1, 2].map((plane) => addresses[planesAt / 4 + plane]!);
  return {
    width,
    height,
    y: { bytes, start: y!, stride: width },
    u: { bytes, start: u!, stride: width / 2 },
    v: { bytes, start: v!, stride: width / 2 },
    halfWidth: true,
    halfHeight: true,
  };
}
