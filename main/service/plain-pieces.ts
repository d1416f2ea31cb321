/** Bytes of files in pieces that fit a frame, as contracts with pages type them. */
import { splitBytes } from '../../native-models/process/byte-pieces.ts';

/** Nothing for empty bytes. */
export function* plainPieces(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>, void, void> {
  if (bytes.byteLength === 0) return;
  // Files and archives never lie in shared memory.
  for (const piece of splitBytes(bytes)) yield piece.bytes as Uint8Array<ArrayBuffer>;
}
