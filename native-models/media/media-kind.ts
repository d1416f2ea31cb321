/** What kind of file a person attached, told by its first bytes alone; its name only tells text files apart. */
import { AppError } from '../../preload/contract/errors.ts';
import { headBytes } from './media-file.ts';
import { sniffPictureKind } from './picture-file.ts';

/** `document`: a file whose text is read (office formats, CSV, Markdown, source code, plain text). */
export type MediaKind = 'picture' | 'pdf' | 'film' | 'document';

/**
 * @param head the file's first bytes, about 1 KB
 * A file of unknown content counts as a document: its reader says whether it is text.
 * @throws AppError `media_broken` for an empty file
 */
export function sniffMediaKind(head: Uint8Array): MediaKind {
  if (head.length === 0) throw new AppError('media_broken', 'The file is empty.');
  if (sniffPictureKind(head)) return 'picture';
  const text = Buffer.from(head).toString('latin1');
  if (lateSignature.test(text.slice(0, headBytes))) return 'pdf';
  const isFilm =
    // mp4, mov: pictures of that family were told apart above. The size before a box's name is hardly ever text.
    (/^.{4}(?:ftyp|moov|mdat|wide|free|skip)/s.test(text) && !/^[\t\n\r -~]{4}/.test(text)) ||
    text.startsWith('\x1a\x45\xdf\xa3'); // Matroska, WebM
  return isFilm ? 'film' : 'document';
}

/** A PDF may begin behind other bytes; in a text that merely speaks of PDFs the signature stands within a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells the two apart
const lateSignature = /(?:^|[\x00-\x1f\x7f-\xff])%PDF-/;
