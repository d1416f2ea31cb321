/** From an upload to a stored attachment: looked into by the media process, shown small, then kept by its hash. */
import { createReadStream } from 'node:fs';
import { inspectFile, openThumbnail } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { AttachmentFacts } from '../store/attachments.ts';
import type { Store } from '../store/open-store.ts';
import { type Passwords, withNamedFaults } from './attachment-source.ts';
import { mediaTypeOf } from './media-type.ts';

/** Longest side of the small picture that is kept, in pixels. */
export const thumbnailSide = 512;

/** Share of a film's length at which its small picture is taken: many begin black. */
const thumbnailAt = 0.1;

interface FileToAdd {
  path: string;
  name: string;
  password?: string | undefined;
}

/**
 * @throws AppError `media_unsupported`, `media_broken`, `media_too_large`, `password_needed`, `file_unreadable`, `disk_full`
 */
export async function addAttachment(
  file: FileToAdd,
  to: { store: Store; media: MediaClient; passwords: Passwords; signal: AbortSignal },
): Promise<Attachment> {
  const { store, media, passwords, signal } = to;
  // The file may have come with a name of the host's own making.
  const { facts, thumbnail } = await withNamedFaults({ id: fileNameOf(file.path), name: file.name }, () =>
    lookInto(file, media, signal),
  );
  signal.throwIfAborted();
  const attachment = await store.putAttachment(createReadStream(file.path, { signal }), facts);
  if (file.password !== undefined) passwords.set(attachment.id, file.password);
  if (thumbnail && !attachment.hasThumbnail) await store.putThumbnail(attachment.id, thumbnail);
  return store.getAttachment(attachment.id);
}

async function lookInto(
  { path, name, password }: FileToAdd,
  media: MediaClient,
  signal: AbortSignal,
): Promise<{ facts: AttachmentFacts; thumbnail: Uint8Array | null }> {
  const source = { path };
  const found = await inspectFile(media, source, password);
  const mediaType = await mediaTypeOf(path, { name, kind: found.kind });
  const facts = { ...factsOf(found), mediaType };
  if (found.kind === 'document') return { facts, thumbnail: null };
  const part = {
    ...(password !== undefined && { password }),
    ...(found.kind === 'film' && { timeMs: found.durationMs * thumbnailAt }),
  };
  const thumbnail = await openThumbnail(media, { source, part, maxSide: thumbnailSide }, signal);
  return { facts, thumbnail };
}

type Found = Awaited<ReturnType<typeof inspectFile>>;

function factsOf(found: Found): Omit<AttachmentFacts, 'mediaType'> {
  const nothing = { widthPx: null, heightPx: null, pageCount: null, durationMs: null };
  switch (found.kind) {
    case 'picture': {
      const { width, height, pageCount, isAnimated } = found;
      const size = { ...nothing, widthPx: width, heightPx: height };
      // A scanner's TIFF is a document of pictures; of an animation the first picture counts.
      if (pageCount > 1 && !isAnimated) return { ...size, kind: 'document', pageCount };
      return { ...size, kind: 'picture' };
    }
    case 'film': {
      const { widthPx, heightPx, durationMs } = found;
      return { ...nothing, kind: 'film', widthPx, heightPx, durationMs };
    }
    case 'pdf':
      return { ...nothing, kind: 'document', pageCount: found.pageCount };
    case 'document':
      return { ...nothing, kind: 'document' };
  }
}

function fileNameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** Whether the same upload may be tried again: with a password, or once there is room. */
export function mayBeTriedAgain(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'password_needed' || error.code === 'disk_full');
}
