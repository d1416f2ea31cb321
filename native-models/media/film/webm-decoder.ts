/** The only door to libvpx and dav1d, decoders of VP8, VP9 and AV1, compiled to WebAssembly: no files, no network. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FrameDecoder, OnFrame } from './frame-decoder.ts';
import { setWasmMemory } from './wasm-memory.ts';

interface WebmPlane {
  bytes: Uint8Array;
  stride: number;
}

/** ogv.js's module: what `processFrame` decoded lies in `frameBuffer`. */
interface WebmLibrary {
  frameBuffer: {
    format: {
      width: number;
      height: number;
      chromaWidth: number;
      chromaHeight: number;
      cropLeft: number;
      cropTop: number;
      cropWidth: number;
      cropHeight: number;
    };
    y: WebmPlane;
    u: WebmPlane;
    v: WebmPlane;
  } | null;
  init(done: () => void): void;
  processFrame(bytes: Uint8Array, done: (isDecoded: number) => void): void;
  recycleFrame(frame: object): void;
}

const require = createRequire(import.meta.url);

const libraries = {
  vp8: 'ogv/dist/ogv-decoder-video-vp8-wasm',
  vp9: 'ogv/dist/ogv-decoder-video-vp9-simd-wasm',
  av1: 'ogv/dist/ogv-decoder-video-av1-simd-wasm',
} as const;

/** 8 bits; frames come out at once, so there is nothing to drain. */
export async function startWebmDecoder(
  codec: keyof typeof libraries,
  { onFrame, memoryBytes }: { onFrame: OnFrame; memoryBytes: number },
): Promise<FrameDecoder> {
  const startLibrary = require(`${libraries[codec]}.js`) as (options: object) => Promise<WebmLibrary>;
  const ignore = () => {};
  const library = await startLibrary({
    wasmBinary: setWasmMemory(await readFile(require.resolve(`${libraries[codec]}.wasm`)), {
      startBytes: null,
      mostBytes: 2 * memoryBytes,
    }),
    videoFormat: {},
    print: ignore,
    printErr: ignore,
  });
  library.init(ignore);
  return {
    restart: ignore, // a key frame begins anew by itself
    decode({ bytes, number }) {
      library.frameBuffer = null;
      library.processFrame(bytes, ignore);
      const frame = library.frameBuffer as WebmLibrary['frameBuffer'];
      if (!frame) return; // a hidden or damaged one
      onFrame(number, planesOf(frame));
      library.recycleFrame(frame);
    },
    drain: ignore,
    canStartAt: () => true,
    isDroppable: () => false,
  };
}

function planesOf({ format, y, u, v }: NonNullable<WebmLibrary['frameBuffer']>) {
  const { cropLeft, cropTop } = format;
  const halfWidth = format.chromaWidth < format.width;
  const halfHeight = format.chromaHeight < format.height;
  const shownFrom = ({ bytes, stride }: WebmPlane, left: number, top: number) => ({
    bytes,
    start: top * stride + left,
    stride,
  });
  const [left, top] = [cropLeft >> Number(halfWidth), cropTop >> Number(halfHeight)];
  return {
    width: format.cropWidth,
    height: format.cropHeight,
    y: shownFrom(y, cropLeft, cropTop),
    u: shownFrom(u, left, top),
    v: shownFrom(v, left, top),
    halfWidth,
    halfHeight,
  };
}
