/** Sets the memory a compiled library may have before it is compiled: 4K films need more than its builder gave, hostile ones less. */

const memorySection = 5;
const pageBytes = 64 * 1024;

/**
 * The same WebAssembly module with another size of its one memory.
 * @param memory in bytes, whole pages of 64 KiB; `startBytes` null keeps the builder's own
 * Source: WebAssembly specification 2.0, sections 5.3.7 (limits) and 5.5.8 (memory section).
 */
export function setWasmMemory(
  wasm: Uint8Array,
  memory: { startBytes: number | null; mostBytes: number },
): Uint8Array {
  for (let at = 8; at < wasm.length; ) {
    const [sizeBytes, contentAt] = readUnsigned(wasm, at + 1);
    const next = contentAt + sizeBytes;
    if (wasm[at] === memorySection) {
      const [ownPages] = readUnsigned(wasm, contentAt + 2); // after the count of memories and the kind of limits
      const startPages = memory.startBytes === null ? ownPages : memory.startBytes / pageBytes;
      const mostPages = Math.max(startPages, memory.mostBytes / pageBytes);
      const content = [1, 1, ...writeUnsigned(startPages), ...writeUnsigned(mostPages)];
      const section = [memorySection, ...writeUnsigned(content.length), ...content];
      return Buffer.concat([wasm.subarray(0, at), Buffer.from(section), wasm.subarray(next)]);
    }
    at = next;
  }
  throw new Error('The module has no memory of its own.');
}

/** LEB128: the value and where the next one begins. */
function readUnsigned(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

function writeUnsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...writeUnsigned(value >>> 7)];
}
