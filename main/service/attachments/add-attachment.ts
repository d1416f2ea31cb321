/** From an upload to a stored attachment: looked into by the media process, shown small, then kept by its hash. */
import { createReadStream } from 'node:fs';
import { type FileSource, inspectFile, openThumbnail } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { AttachmentFacts } from '../store/attachments.ts';
import type { Store } from '../store/open-store.ts';
import { type Passwords, withNamedFaults } from './attachment-source.ts';
import { hasMediaSignature, mediaTypeOf, promisedKind } from './media-type.ts';

/** Longest side of the small picture that is kept, in pixels. */
export const thumbnailSide = 512;

/** Share of a film's length at which its small picture is taken: many begin black. */
const thumbnailAt = 0.1;

interface FileToAdd {
  source: FileSource;
  name: string;
  password?: string | undefined;
}

/**
 * @throws AppError `media_unsupported`, `media_broken` (also for bytes that are not what the name says), `media_too_large`, `password_needed`, `file_unreadable`, `disk_full`
 */
export async function addAttachment(
  file: FileToAdd,
  to: { store: Store; media: MediaClient; passwords: Passwords; signal: AbortSignal },
): Promise<Attachment> {
  const { store, media, passwords, signal } = to;
  // The file may have come with a name of the host's own making.
  const id = 'path' in file.source ? fileNameOf(file.source.path) : file.name;
  const { facts, thumbnail } = await withNamedFaults({ id, name: file.name }, () =>
    lookInto(file, media, signal),
  );
  signal.throwIfAborted();
  const attachment = await store.putAttachment(bytesOf(file.source, signal), facts);
  if (file.password !== undefined) passwords.set(attachment.id, file.password);
  if (thumbnail && !attachment.hasThumbnail) await store.putThumbnail(attachment.id, thumbnail);
  return store.getAttachment(attachment.id);
}

async function lookInto(
  { source, name, password }: FileToAdd,
  media: MediaClient,
  signal: AbortSignal,
): Promise<{ facts: AttachmentFacts; thumbnail: Uint8Array | null }> {
  const found = await inspectFile(media, source, password).catch(async (error: unknown) => {
    const isUnknown = error instanceof AppError && error.code === 'media_unsupported';
    if (!isUnknown || !promisedKind(name) || (await hasMediaSignature(source))) throw error;
    throw noneOfItsKind(name, error);
  });
  if (found.kind === 'document' && promisedKind(name)) throw noneOfItsKind(name);
  const mediaType = await mediaTypeOf(source, { name, kind: found.kind });
  const facts = { ...factsOf(found), mediaType };
  if (found.kind === 'document') return { facts, thumbnail: null };
  const part = {
    ...(password !== undefined && { password }),
    ...(found.kind === 'film' && { timeMs: found.durationMs * thumbnailAt }),
  };
  const thumbnail = await openThumbnail(media, { source, part, maxSide: thumbnailSide }, signal);
  return { facts, thumbnail };
}

/** What is no file of any known kind is tried as text; of a picture that would be a strange thing to say. */
function noneOfItsKind(name: string, cause?: unknown): AppError {
  const sentence = `“${name}” is no ${promisedKind(name)} that can be read here. It may be damaged, or another kind of file under this name.`;
  return new AppError('media_broken', sentence, { cause });
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

function bytesOf(source: FileSource, signal: AbortSignal): AsyncIterable<Uint8Array> | Uint8Array[] {
  return 'path' in source ? createReadStream(source.path, { signal }) : [source.bytes];
}

function fileNameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** Whether the same upload may be tried again: with a password, or once there is room. */
export function mayBeTriedAgain(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'password_needed' || error.code === 'disk_full');
}
