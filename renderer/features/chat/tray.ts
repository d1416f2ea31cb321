/** What is attached to a question before it is sent: files on their way in, ready, refused, or waiting for a password. Pure. */
import type { Attachment, Box, Detail, Part } from '../../../preload/contract/attachments.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';

export type FilePart = Exclude<Part, { type: 'text' }>;

export type TrayItem = { key: string; name: string } & (
  | { state: 'adding' }
  | { state: 'locked'; uploadId: UploadId; wasWrong: boolean }
  | { state: 'refused'; error: unknown }
  | { state: 'ready'; attachment: Attachment; part: FilePart }
);

/** Frames of a film unless a person chooses otherwise; the card takes 8 to 32. */
export const usualFrames = 8;

/** How a file is first asked about: pictures whole, documents by their first page, films by some frames over all of it. */
export function partFor(attachment: Attachment, name: string, frameTimesMs: number[] = []): FilePart {
  const file = { attachmentId: attachment.id, name, detail: 'balanced' as const };
  if (attachment.kind === 'document') {
    const as = attachment.mediaType === 'application/pdf' || attachment.hasThumbnail ? 'picture' : 'text';
    return { type: 'document', ...file, pages: [{ page: 1, as }] };
  }
  if (attachment.kind === 'film') {
    return { type: 'film', ...file, startMs: 0, endMs: attachment.durationMs ?? 0, frameTimesMs };
  }
  return { type: 'picture', ...file };
}

export function regionOf(
  item: { attachment: Attachment; name: string },
  region: {
    box: Box;
    page: number | null;
    timeMs: number | null;
  },
): FilePart {
  const { attachment, name } = item;
  return { type: 'region', attachmentId: attachment.id, name, detail: 'balanced', ...region };
}

export function withDetail(part: FilePart, detail: Detail): FilePart {
  return { ...part, detail };
}

/** The question's parts: files in their order, then the words. */
export function partsOf(items: readonly TrayItem[], text: string): Part[] {
  const files = items.flatMap((item) => (item.state === 'ready' ? [item.part] : []));
  return text.trim() === '' ? files : [...files, { type: 'text', text }];
}

export function filesOf(parts: readonly Part[]): FilePart[] {
  return parts.flatMap((part) => (part.type === 'text' ? [] : [part]));
}

export function wordsOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** Nothing to say, or a file that is not there yet. */
export function canSend(items: readonly TrayItem[], text: string): boolean {
  const isWaiting = items.some(({ state }) => state === 'adding' || state === 'locked');
  return !isWaiting && (text.trim() !== '' || items.some(({ state }) => state === 'ready'));
}

/** In the place of the one with its key, or at the end. One that was removed meanwhile does not come back when ready. */
export function putItem(items: readonly TrayItem[], next: TrayItem): TrayItem[] {
  const at = items.findIndex(({ key }) => key === next.key);
  if (at >= 0) return items.with(at, next);
  return next.state === 'adding' ? [...items, next] : [...items];
}

export function moveItem(items: readonly TrayItem[], from: number, to: number): TrayItem[] {
  const item = items[from];
  if (!item || to < 0 || to >= items.length) return [...items];
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}

/**
 * What each file's pictures are called in the question, in the card's words, behind those of earlier turns; null where
 * there is only one at all. Pages count one by one, documents that are read as text only not at all.
 */
export function pictureNames(items: readonly TrayItem[], picturesBefore = 0): (string | null)[] {
  const counts = items.map((item) => (item.state === 'ready' ? placesOfPictures(item.part).length : 0));
  const total = counts.reduce((sum, count) => sum + count, picturesBefore);
  let last = picturesBefore;
  return counts.map((count) => {
    const first = last + 1;
    last += count;
    if (count === 0 || total < 2) return null;
    return count === 1 ? `Image-${first}` : `Image-${first}–${last}`;
  });
}

/** Where each picture of a part lies that the prompt counts; a film's frames have names of their own. */
export function placesOfPictures(part: FilePart): { page: number | null; timeMs: number | null }[] {
  if (part.type === 'film') return [];
  if (part.type !== 'document') return [firstPlaceOf(part)];
  return part.pages.filter(({ as }) => as !== 'text').map(({ page }) => ({ page, timeMs: null }));
}

export function showsPicture(part: FilePart): boolean {
  return part.type !== 'document' || part.pages.some(({ as }) => as !== 'text');
}

/** The first picture of a part: where it is opened, and what stands for it small. */
export function firstPlaceOf(part: FilePart): { page: number | null; timeMs: number | null } {
  if (part.type === 'document') return { page: part.pages[0]?.page ?? 1, timeMs: null };
  if (part.type === 'film') return { page: null, timeMs: part.frameTimesMs[0] ?? part.startMs };
  if (part.type === 'region') return { page: part.page, timeMs: part.timeMs };
  return { page: null, timeMs: null };
}
