/** What a message holds for the model: pictures to look at, documents to read, and its text, in the card's order. */
import type { Box, Detail, Part } from '../../../preload/contract/attachments.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';

/** A picture, page, region or frame to be looked at. */
export interface WantedPicture {
  attachmentId: AttachmentId;
  name: string;
  detail: Detail;
  page: number | null;
  timeMs: number | null;
  box: Box | null;
  /** Which film of the message it is a frame of, from 0; null for all else. The card gives a frame one tile. */
  film: number | null;
}

/** A page's text layer, or a document's text (`page` null), to be read. */
export interface WantedText {
  attachmentId: AttachmentId;
  name: string;
  page: number | null;
}

export interface MessageContent {
  texts: WantedText[];
  pictures: WantedPicture[];
  /** What the person or the model wrote. */
  words: string;
}

/** What a stored document can give: only its text, pages with a text layer, or pages that are pictures only (TIFF). */
export type DocumentKind = 'text' | 'pages' | 'scans';

export function contentOf(
  parts: readonly Part[],
  kindOf: (id: AttachmentId) => DocumentKind,
): MessageContent {
  const content: MessageContent = { texts: [], pictures: [], words: '' };
  const words: string[] = [];
  for (const [place, part] of parts.entries()) {
    if (part.type === 'text') words.push(part.text);
    else content.pictures.push(...picturesOf(part, kindOf, place));
    if (part.type === 'document') content.texts.push(...textsOf(part, kindOf(part.attachmentId)));
  }
  content.words = words.join('\n\n');
  return content;
}

/** A document or page as the model reads it. */
export function documentBlock({ name, page }: WantedText, text: string): string {
  return `${name}${page === null ? '' : `, page ${page}`}:\n${text}\n\n`;
}

/**
 * The pictures a part shows; none for text.
 * @param place of the part in its message, which tells films apart
 */
export function picturesOf(
  part: Part,
  kindOf: (id: AttachmentId) => DocumentKind,
  place = 0,
): WantedPicture[] {
  if (part.type === 'text') return [];
  const { attachmentId, name, detail } = part;
  const whole = { attachmentId, name, detail, page: null, timeMs: null, box: null, film: null };
  switch (part.type) {
    case 'picture':
      return [whole];
    case 'region':
      return [{ ...whole, page: part.page, timeMs: part.timeMs, box: part.box }];
    case 'film':
      return part.frameTimesMs.map((timeMs) => ({ ...whole, timeMs, film: place }));
    case 'document': {
      const kind = kindOf(attachmentId);
      const shown = part.pages.filter(({ as }) => kind === 'scans' || (kind === 'pages' && as !== 'text'));
      return shown.map(({ page }) => ({ ...whole, page }));
    }
  }
}

function textsOf(part: Extract<Part, { type: 'document' }>, kind: DocumentKind): WantedText[] {
  const { attachmentId, name, pages } = part;
  if (kind === 'text') return [{ attachmentId, name, page: null }];
  if (kind === 'scans') return [];
  return pages.filter(({ as }) => as !== 'picture').map(({ page }) => ({ attachmentId, name, page }));
}
