/** One cache entry as a file: a head that says what it is, a body of numbers, and a checksum over each. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/**
 * A file begins with these bytes: magic and format number, sizes of head and body, SHA-256 of both. Numbers are
 * little-endian, as every machine that this app runs on has them.
 */
const magic = Buffer.from('IVLCACH1', 'latin1');
const preambleBytes = 8 + 4 + 8 + 32 + 32;
/** A head holds a few hashes, or the ids of a long conversation. */
const maxHeadBytes = 16 * 1024 * 1024;

/** What is written: `head` as JSON; the body comes in pieces, so that nobody has to hold it whole. */
export interface NewEntry {
  head: unknown;
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Writes an entry to a path that nobody reads yet. Throws as the file system does. */
export async function writeEntry(path: string, { head, body }: NewEntry): Promise<void> {
  const headBytes = Buffer.from(JSON.stringify(head));
  const file = await open(path, 'wx', 0o600);
  try {
    let at = preambleBytes;
    at += await writeAll(file, headBytes, at);
    const bodyHash = createHash('sha256');
    const bodyAt = at;
    for await (const piece of body) {
      bodyHash.update(piece);
      at += await writeAll(file, piece, at);
    }
    const preamble = Buffer.alloc(preambleBytes);
    magic.copy(preamble);
    preamble.writeUInt32LE(headBytes.length, 8);
    preamble.writeBigUInt64LE(BigInt(at - bodyAt), 12);
    createHash('sha256').update(headBytes).digest().copy(preamble, 20);
    bodyHash.digest().copy(preamble, 52);
    await writeAll(file, preamble, 0);
  } finally {
    await file.close();
  }
}

/**
 * Reads an entry, or null where there is none, `isWanted` turns its head down, or anything about it is not as it was
 * written: cut off, changed, of another format.
 */
export async function readEntry(
  path: string,
  isWanted: (head: unknown) => boolean,
): Promise<{ head: unknown; body: Uint8Array<ArrayBuffer> } | null> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  try {
    const preamble = Buffer.from((await readAll(file, preambleBytes, 0)).buffer);
    if (!preamble.subarray(0, magic.length).equals(magic)) return null;
    const headBytes = preamble.readUInt32LE(8);
    const bodyBytes = Number(preamble.readBigUInt64LE(12));
    const { size } = await file.stat();
    if (headBytes > maxHeadBytes || size !== preambleBytes + headBytes + bodyBytes) return null;
    const headText = await readAll(file, headBytes, preambleBytes);
    if (!(await hasHash(headText, preamble.subarray(20, 52)))) return null;
    const head: unknown = JSON.parse(Buffer.from(headText.buffer).toString('utf8'));
    if (!isWanted(head)) return null;
    const body = await readAll(file, bodyBytes, preambleBytes + headBytes);
    return (await hasHash(body, preamble.subarray(52, 84))) ? { head, body } : null;
  } catch {
    return null; // a file that shrinks while it is read, a disk that fails
  } finally {
    await file.close().catch(() => {});
  }
}

/** The digest is made beside this thread, which may have an answer to write. */
async function hasHash(bytes: Uint8Array<ArrayBuffer>, expected: Buffer): Promise<boolean> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).equals(expected);
}

async function readAll(file: FileHandle, count: number, position: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; ) {
    const { bytesRead } = await file.read(bytes, at, count - at, position + at);
    if (bytesRead === 0) throw new Error('the file ended early');
    at += bytesRead;
  }
  return bytes;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
  return bytes.length;
}
