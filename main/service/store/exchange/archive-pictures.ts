/** Pictures that lie beside the conversations in a foreign archive: found by the names the conversations give them. */
import { createHash } from 'node:crypto';
import type { AttachmentId } from '../../../../preload/contract/ids.ts';
import type { Store } from '../open-store.ts';
import { pictureType } from './picture-type.ts';
import { readZip } from './unzip.ts';

/** What a conversation says of a picture. */
export interface WantedFile {
  widthPx: number | null;
  heightPx: number | null;
}

export interface ArchivePicture {
  attachmentId: AttachmentId;
  name: string;
}

/** Larger ones are no pictures anybody sent to a chat. */
const largestBytes = 50e6;

/**
 * Stores the wanted pictures that are in the zip; what is no picture by its bytes is left out.
 * @param wanted by the name that `nameOf` finds in an entry's path
 * @returns the stored ones by the same name, and how many are new here
 */
export async function storeArchivePictures(
  store: Store,
  path: string,
  options: { wanted: ReadonlyMap<string, WantedFile>; nameOf: (entry: string) => string | null },
): Promise<{ pictures: Map<string, ArchivePicture>; added: number }> {
  const { wanted, nameOf } = options;
  const pictures = new Map<string, ArchivePicture>();
  let added = 0;
  if (wanted.size === 0) return { pictures, added };
  for await (const entry of readZip(path, (name) => wanted.has(nameOf(name) ?? ''))) {
    const name = nameOf(entry.name)!;
    const bytes = await readAll(entry.chunks);
    const mediaType = bytes && pictureType(bytes);
    if (!bytes || !mediaType || pictures.has(name)) continue;
    const facts = {
      kind: 'picture',
      mediaType,
      ...wanted.get(name)!,
      pageCount: null,
      durationMs: null,
    } as const;
    const known = createHash('sha256').update(bytes).digest('hex') as AttachmentId;
    if (!store.hasAttachment(known)) added++;
    const { id } = await store.putAttachment([bytes], facts);
    pictures.set(name, { attachmentId: id, name: baseName(entry.name).slice(0, 500) });
  }
  return { pictures, added };
}

export function baseName(entry: string): string {
  return entry.split('/').at(-1) ?? '';
}

/** Null beyond 50 MB. */
async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  const kept: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes <= largestBytes) kept.push(chunk);
  }
  return sizeBytes <= largestBytes ? Buffer.concat(kept) : null;
}
