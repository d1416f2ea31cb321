/** How the media process gets at a stored file, and how its faults are told with the name a person knows. */
import type { FileSource } from '../../../native-models/process/media-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import type { Store } from '../store/open-store.ts';

/** Passwords of protected documents, given this time; they are never written down. */
export type Passwords = Map<AttachmentId, string>;

/** The file by its path where it lies readable on the disk, else its bytes. @throws AppError `not_found` */
export async function sourceOf(store: Store, id: AttachmentId): Promise<FileSource> {
  const path = store.pathOfAttachment(id);
  return path === null ? { bytes: await store.readAttachment(id) } : { path };
}

/** A file under the name a person knows; it lies under the hash of its bytes, or where the host put it. */
export interface NamedFile {
  id: string;
  name: string;
}

/** Runs work of the media process on a file, whose faults are told by its name; a file that ended the process is called broken. */
export async function withNamedFaults<T>(file: NamedFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw byName(file, error);
  }
}

/** The same for work that yields; faults of who takes what is yielded stay as they are. */
export async function* eachWithNamedFaults<T>(file: NamedFile, work: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* work;
  } catch (error) {
    throw byName(file, error);
  }
}

function byName({ id, name }: NamedFile, error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, retryable } = error;
  if (code === 'child_gone') {
    const sentence = `“${name}” can’t be read: it ended the part of the app that reads files. Use another copy of it.`;
    return new AppError('media_broken', sentence, { retryable, cause: error });
  }
  return new AppError(code, error.message.replaceAll(id, name), { retryable, cause: error });
}
