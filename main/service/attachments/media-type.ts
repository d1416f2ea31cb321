/** A stored file's media type, told by its first bytes as the media process tells its kind; only text goes by its name. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FileSource } from '../../../native-models/process/media-client.ts';

const headBytes = 64;

const signatures: readonly [type: string, at: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['image/tiff', 0, 'II'],
  ['image/tiff', 0, 'MM\0'],
  ['image/bmp', 0, 'BM'],
  ['image/avif', 4, 'ftypavi'],
  ['image/heic', 4, 'ftyphe'],
  ['image/heic', 4, 'ftypmif1'],
  ['image/heic', 4, 'ftypmsf1'],
  ['video/quicktime', 4, 'ftypqt'],
  ['video/mp4', 4, 'ftyp'],
  ['video/quicktime', 4, 'moov'],
  ['video/quicktime', 4, 'mdat'],
  ['video/quicktime', 4, 'wide'],
];

const typesByEnding: Record<string, string> = {
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.pptx': 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.csv': 'text/csv',
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
};

const promises: readonly [kind: 'picture' | 'film' | 'PDF', endings: RegExp][] = [
  ['picture', /\.(png|jpe?g|gif|webp|avif|tiff?|bmp|hei[cf])$/i],
  ['film', /\.(mp4|m4v|mov|webm|mkv|avi|wmv|mpe?g)$/i],
  ['PDF', /\.pdf$/i],
];

/** What a name makes a person expect; null where it is text, or nothing that is known. */
export function promisedKind(name: string): 'picture' | 'film' | 'PDF' | null {
  return promises.find(([, endings]) => endings.test(name))?.[0] ?? null;
}

/** Whether the first bytes are those of a picture, film or PDF of any kind. */
export async function hasMediaSignature(source: FileSource): Promise<boolean> {
  const head = await readHead(source);
  const isKnown = signatures.some(([, at, bytes]) => head.startsWith(bytes, at));
  return isKnown || head.startsWith('\x1a\x45\xdf\xa3') || head.includes('%PDF-');
}

/** @param kind as the media process found it; a type never contradicts it */
export async function mediaTypeOf(
  source: FileSource,
  file: { name: string; kind: 'picture' | 'pdf' | 'document' | 'film' },
): Promise<string> {
  if (file.kind === 'pdf') return 'application/pdf';
  if (file.kind === 'document') return typesByEnding[extname(file.name).toLowerCase()] ?? 'text/plain';
  const head = await readHead(source);
  const isMatroska = head.startsWith('\x1a\x45\xdf\xa3');
  if (isMatroska) return head.includes('webm') ? 'video/webm' : 'video/x-matroska';
  const family = file.kind === 'film' ? 'video/' : 'image/';
  const found = signatures.find(([type, at, bytes]) => type.startsWith(family) && head.startsWith(bytes, at));
  return found?.[0] ?? 'application/octet-stream';
}

async function readHead(source: FileSource): Promise<string> {
  if ('bytes' in source) return Buffer.from(source.bytes.subarray(0, headBytes)).toString('latin1');
  const file = await open(source.path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead).toString('latin1');
  } finally {
    await file.close();
  }
}
