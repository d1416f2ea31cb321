/** Makes files of a question out of uploads, stored files, and the parts of a draft or an earlier question. */
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';
import { api } from '../../api.ts';
import { type FilePart, partFor, type TrayItem, usualFrames } from './tray.ts';

/** @param conversationId whose file it shall be; null for the question that has none yet */
export async function uploadAsItem(
  key: string,
  { id, name, password }: { id: UploadId; name: string; password?: string },
  conversationId: ConversationId | null,
): Promise<TrayItem> {
  try {
    const added = await api.addAttachment({
      uploadId: id,
      conversationId,
      ...(password !== undefined && { password }),
    });
    return await attachmentAsItem(key, added.attachment, added.name);
  } catch (error) {
    const isLocked = error instanceof AppError && error.code === 'password_needed';
    if (isLocked) return { key, name, state: 'locked', uploadId: id, wasWrong: password !== undefined };
    return { key, name, state: 'refused', error };
  }
}

/** @throws AppError where a film's frames can't be told */
export async function attachmentAsItem(key: string, attachment: Attachment, name: string): Promise<TrayItem> {
  const part = partFor(attachment, name, await framesOf(attachment));
  return { key, name, state: 'ready', attachment, part };
}

/** A file of a draft or of an earlier question. */
export async function partAsItem(key: string, part: FilePart): Promise<TrayItem> {
  const item = { key, name: part.name };
  try {
    const attachment = await api.getAttachment({ id: part.attachmentId });
    return { ...item, state: 'ready', attachment, part };
  } catch (error) {
    return { ...item, state: 'refused', error };
  }
}

async function framesOf({ id, kind, durationMs }: Attachment): Promise<number[]> {
  if (kind !== 'film') return [];
  const { timesMs } = await api.sampleFrames({ id, count: usualFrames, startMs: 0, endMs: durationMs ?? 0 });
  return timesMs;
}
