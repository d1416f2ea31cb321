/** Pictures that lie beside the conversations in a foreign archive: found by the names the conversations give them. */
import { createHash } from 'node:crypto';
import type { AttachmentId } from '../../../../preload/contract/ids.ts';
import type { Store } from '../open-store.ts';
import { pictureType } from './picture-type.ts';
import { readZip } from './unzip.ts';

/** What a conversation says of a picture. */
export interface WantedFile {
  id: string;
  widthPx: number | null;
  heightPx: number | null;
}

export interface ArchivePicture {
  attachmentId: AttachmentId;
  name: string;
}

/** What a reader of a foreign format has to go by, and where it tells what has no counterpart here. */
export interface FoundFiles {
  /** Those that are stored here, by the ids that conversations know them by. */
  pictures: ReadonlyMap<string, ArchivePicture>;
  /** Sentences. */
  leftOut: string[];
}

/** Larger ones are no pictures anybody sent to a chat. */
const largestBytes = 50e6;

/**
 * Stores the wanted pictures that are in the zip; what is no picture by its bytes is left out.
 * @param wanted by its id
 * @param idsIn which ids an entry's path may stand for
 * @returns the stored ones by the same ids, and how many are new here
 */
export async function storeArchivePictures(
  store: Store,
  path: string,
  options: { wanted: ReadonlyMap<string, WantedFile>; idsIn: (entry: string) => string[] },
): Promise<{ pictures: Map<string, ArchivePicture>; added: number }> {
  const { wanted, idsIn } = options;
  const idOf = (entry: string) => idsIn(entry).find((id) => wanted.has(id)) ?? null;
  const pictures = new Map<string, ArchivePicture>();
  let added = 0;
  if (wanted.size === 0) return { pictures, added };
  for await (const entry of readZip(path, (name) => idOf(name) !== null)) {
    const id = idOf(entry.name)!;
    const bytes = await readAll(entry.chunks);
    const mediaType = bytes && pictureType(bytes);
    if (!bytes || !mediaType || pictures.has(id)) continue;
    const facts = {
      kind: 'picture',
      mediaType,
      widthPx: wanted.get(id)!.widthPx,
      heightPx: wanted.get(id)!.heightPx,
      pageCount: null,
      durationMs: null,
    } as const;
    const known = createHash('sha256').update(bytes).digest('hex') as AttachmentId;
    if (!store.hasAttachment(known)) added++;
    const { id: attachmentId } = await store.putAttachment([bytes], facts);
    pictures.set(id, { attachmentId, name: baseName(entry.name).slice(0, 500) });
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
