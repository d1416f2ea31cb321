/** Reads which entries a zip archive has and where, zip64 included: from its directory, the one list that counts. */
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../../preload/contract/errors.ts';

export interface ZipMember {
  /** As the archive says it; never a path to write to. */
  name: string;
  method: number;
  isEncrypted: boolean;
  crc32: number;
  packedBytes: number;
  sizeBytes: number;
  headerAt: number;
}

const endBytes = 22;
const mostCommentBytes = 65_535;
const mostDirectoryBytes = 16 * 1024 * 1024;
const overflow32 = 0xffff_ffff;

/** Source: PKWARE APPNOTE 6.3.10, sections 4.3.12 to 4.3.16. @throws AppError `media_broken` */
export async function readZipDirectory(file: FileHandle): Promise<ZipMember[]> {
  const { size } = await file.stat();
  const { at, sizeBytes } = await findDirectory(file, size);
  if (sizeBytes > mostDirectoryBytes || at + sizeBytes > size) throw brokenZip();
  const directory = await readBytes(file, at, sizeBytes);
  const members: ZipMember[] = [];
  for (let from = 0; from + 46 <= directory.length && directory.readUInt32LE(from) === 0x0201_4b50; ) {
    const nameBytes = directory.readUInt16LE(from + 28);
    const extraBytes = directory.readUInt16LE(from + 30);
    const next = from + 46 + nameBytes + extraBytes + directory.readUInt16LE(from + 32);
    if (next > directory.length) throw brokenZip();
    const extra = directory.subarray(from + 46 + nameBytes, from + 46 + nameBytes + extraBytes);
    members.push({
      name: directory.toString('utf8', from + 46, from + 46 + nameBytes),
      method: directory.readUInt16LE(from + 10),
      isEncrypted: (directory.readUInt16LE(from + 8) & 1) === 1,
      crc32: directory.readUInt32LE(from + 16),
      ...widenSizes(extra, {
        sizeBytes: directory.readUInt32LE(from + 24),
        packedBytes: directory.readUInt32LE(from + 20),
        headerAt: directory.readUInt32LE(from + 42),
      }),
    });
    from = next;
  }
  return members;
}

/** Where a member's packed bytes begin: behind its own header, whose lengths may differ from the directory's. */
export async function packedStart(file: FileHandle, { headerAt }: ZipMember): Promise<number> {
  const header = await readBytes(file, headerAt, 30);
  if (header.readUInt32LE(0) !== 0x0403_4b50) throw brokenZip();
  return headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function findDirectory(file: FileHandle, size: number): Promise<{ at: number; sizeBytes: number }> {
  const from = Math.max(0, size - endBytes - mostCommentBytes);
  const tail = await readBytes(file, from, size - from);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + endBytes > tail.length) throw brokenZip();
  const at = tail.readUInt32LE(end + 16);
  const sizeBytes = tail.readUInt32LE(end + 12);
  if (at !== overflow32 && sizeBytes !== overflow32) return { at, sizeBytes };
  const locatorAt = from + end - 20;
  const locator = await readBytes(file, locatorAt, 20);
  if (locator.readUInt32LE(0) !== 0x0706_4b50) throw brokenZip();
  const wide = await readBytes(file, safe(locator.readBigUInt64LE(8)), 56);
  if (wide.readUInt32LE(0) !== 0x0606_4b50) throw brokenZip();
  return { at: safe(wide.readBigUInt64LE(48)), sizeBytes: safe(wide.readBigUInt64LE(40)) };
}

type Sizes = Pick<ZipMember, 'sizeBytes' | 'packedBytes' | 'headerAt'>;

/** The zip64 field holds, in this order, only those of the three that did not fit. */
function widenSizes(extra: Buffer, sizes: Sizes): Sizes {
  const widened = { ...sizes };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let from = at + 4;
    for (const field of ['sizeBytes', 'packedBytes', 'headerAt'] as const) {
      if (widened[field] !== overflow32) continue;
      if (from + 8 > extra.length) throw brokenZip();
      widened[field] = safe(extra.readBigUInt64LE(from));
      from += 8;
    }
  }
  return widened;
}

async function readBytes(file: FileHandle, position: number, sizeBytes: number): Promise<Buffer> {
  if (position < 0) throw brokenZip();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, position);
  if (bytesRead !== sizeBytes) throw brokenZip();
  return buffer;
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw brokenZip();
  return Number(value);
}

export function brokenZip(cause?: unknown): AppError {
  return new AppError('media_broken', 'This zip archive is damaged or cut off. Copy it again.', { cause });
}
