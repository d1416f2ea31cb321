/** As much of WebAssembly as running a compiled library takes; TypeScript knows it only together with the DOM. */
import { readFile } from 'node:fs/promises';

/** Can be sent to other threads. */
export type CompiledWasm = object;

interface WasmInstance {
  exports: Record<string, unknown>;
}

export interface WasmMemory {
  /** Another one after the memory has grown. */
  readonly buffer: ArrayBuffer;
  /** @returns the pages of 64 KiB there were before */
  grow(pages: number): number;
}

const webAssembly = (
  globalThis as unknown as {
    WebAssembly: {
      compile(bytes: Uint8Array): Promise<CompiledWasm>;
      Instance: new (compiled: CompiledWasm, imports: object) => WasmInstance;
    };
  }
).WebAssembly;

/** What Emscripten's loaders take to run a module that is compiled already, and to say nothing of their own. */
export function moduleOptions(compiled: CompiledWasm) {
  const ignore = () => {};
  return {
    instantiateWasm(imports: object, succeed: (instance: WasmInstance, compiled: CompiledWasm) => void) {
      const instance = new webAssembly.Instance(compiled, imports);
      succeed(instance, compiled);
      return instance.exports;
    },
    print: ignore,
    printErr: ignore,
  };
}

const compiling = new Map<string, Promise<CompiledWasm>>();

/** A library's file, compiled once for all threads that run it: 60 ms for pdfium, against 20 ms for an instance. */
export function compileWasmFile(path: string): Promise<CompiledWasm> {
  const known = compiling.get(path);
  if (known) return known;
  const compiled = readFile(path).then((bytes) => webAssembly.compile(bytes));
  compiling.set(path, compiled);
  return compiled;
}
