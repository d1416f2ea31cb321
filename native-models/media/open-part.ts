/** Any part of a picture, PDF or film as pixels that know where they came from: the whole, a page, a frame, or a region of any. */
import { basename } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import type { Box } from './box.ts';
import { decodePicture } from './decode-picture.ts';
import type { FilmHeader } from './film/film-file.ts';
import type { FilmSource } from './film/film-source.ts';
import { inspectFilm, readFrames } from './film/open-film.ts';
import { pictureLimits } from './limits.ts';
import { headBytes, readFileHead, readMediaFile } from './media-file.ts';
import { type MediaKind, sniffMediaKind } from './media-kind.ts';
import { type OfficeText, readOfficeText } from './office-text.ts';
import type { RenderWish } from './page-render-size.ts';
import type { PdfPage } from './pdf/pdf-contents.ts';
import { pdfLimits } from './pdf/pdf-limits.ts';
import type { PageText } from './pdf/pdf-page-text.ts';
import { openPdf, type PdfDocument } from './pdf-document.ts';
import { inspectPicture } from './picture-header.ts';
import type { PicturePages } from './picture-pages.ts';
import { type PicturePlace, placeOfFile, placeOfFrame, placeOfPage } from './picture-place.ts';
import { cutRegion } from './region.ts';
import type { RgbPicture } from './rgb-picture.ts';

/** A file by its path, or its bytes and the name it had. */
export type MediaSource = { path: string } | { bytes: Uint8Array; name: string };

/** Which part of a file; all absent means the whole picture, a PDF's first page, or a film's first frame. */
export interface PartOfFile {
  /** Of a PDF or TIFF, or a frame of an animated GIF or WebP; counted from 1. */
  page?: number | undefined;
  /** Of a film: the frame shown at that time, from the start of the film. */
  timeMs?: number | undefined;
  password?: string | undefined;
  /** A part of that picture, page or frame, x1 y1 x2 y2 as fractions of it as shown. */
  region?: Box | undefined;
}

/** Pixels and where they came from. */
export interface PlacedPicture {
  picture: RgbPicture;
  place: PicturePlace;
}

/** What a file is, before anything large is decoded. */
export type MediaDescription =
  | ({ kind: 'picture'; width: number; height: number } & PicturePages)
  | { kind: 'pdf'; pageCount: number; pages: readonly (PdfPage | null)[] }
  | ({ kind: 'film' } & FilmHeader)
  | { kind: 'document'; format: OfficeText['kind']; characters: number };

/** A file told by its first bytes: read once, or a film, which is read where its frames lie. */
export type MediaFile = WholeFile | AttachedFilm;

export interface WholeFile {
  name: string;
  kind: Exclude<MediaKind, 'film'>;
  bytes: Uint8Array;
}

export interface AttachedFilm {
  name: string;
  kind: 'film';
  source: FilmSource;
}

/**
 * Reads an attached file within the limits of its kind; of a film on disk only the beginning.
 * @throws AppError `file_unreadable`, `path_refused`, `media_too_large`
 */
export async function readAttachment(source: MediaSource): Promise<MediaFile> {
  const name = 'path' in source ? basename(source.path) : source.name;
  const head = 'path' in source ? await readFileHead(source.path) : source.bytes.subarray(0, headBytes);
  if (sniffMediaKind(head) === 'film') return { name, kind: 'film', source };
  const accept = (bytes: Uint8Array, sizeBytes: number) => {
    const limitBytes = sniffMediaKind(bytes) === 'picture' ? pictureLimits.fileBytes : pdfLimits.fileBytes;
    if (sizeBytes <= limitBytes) return;
    const [size, limit] = [sizeBytes, limitBytes].map((bytes) => Math.ceil(bytes / 1024 / 1024));
    throw new AppError('media_too_large', `The file has ${size} MB; at most ${limit} MB can be read.`);
  };
  if ('bytes' in source) accept(head, source.bytes.length);
  const bytes = 'path' in source ? await readMediaFile(source.path, accept) : source.bytes;
  const kind = sniffMediaKind(bytes.subarray(0, headBytes));
  if (kind === 'film')
    throw new AppError('file_unreadable', `“${name}” became another file while it was read.`);
  return { name, kind, bytes };
}

/** @throws AppError of the kind's reader; `password_needed` for an encrypted PDF */
export async function inspectFile(
  file: MediaFile,
  options: { password?: string | undefined } = {},
): Promise<MediaDescription> {
  if (file.kind === 'picture') {
    const { shown, pageCount, isAnimated } = await inspectPicture(file.bytes);
    return { kind: 'picture', ...shown, pageCount, isAnimated };
  }
  if (file.kind === 'pdf') {
    return withPdf(file, options.password, async ({ pageCount, pages }) => ({
      kind: 'pdf',
      pageCount,
      pages,
    }));
  }
  if (file.kind === 'film') return { kind: 'film', ...(await inspectFilm(file.source)) };
  const { kind: format, text } = readOfficeText(file);
  return { kind: 'document', format, characters: text.length };
}

/**
 * Decodes one part. A page, or a region of one, is drawn at the resolution the tile budget can use, so a region of a
 * page shows more than the page did.
 * @throws AppError of the kind's reader; `invalid_request` for a page of a picture without, `media_unsupported` for a
 *   document
 */
export async function decodePart(
  file: MediaFile,
  part: PartOfFile,
  options: { budget: RenderWish; asReference?: boolean },
): Promise<PlacedPicture> {
  if (part.timeMs !== undefined && file.kind !== 'film')
    throw new AppError('invalid_request', `“${file.name}” has no frames: it is no film.`);
  if (file.kind === 'pdf') return drawPage(file, part, options.budget);
  if (file.kind === 'film') return drawFrame(file, part);
  if (file.kind !== 'picture')
    throw new AppError('media_unsupported', `“${file.name}” has text only and can't be shown as a picture.`);
  const { asReference = false } = options;
  const { page } = part;
  const whole = await decodePicture({ bytes: file.bytes }, { page, asReference });
  const header = await inspectPicture(file.bytes, { page, asReference, decoded: whole });
  const place = placeOfFile({ ...header, ...(header.pageCount > 1 && { page: page ?? 1 }) });
  if (!part.region) return { picture: whole, place };
  const region = cutRegion(place, part.region, { from: 'fractions' });
  return { picture: cropPicture(whole, region.crop), place: region };
}

async function drawFrame({ name, source }: AttachedFilm, part: PartOfFile): Promise<PlacedPicture> {
  if (part.page !== undefined) throw new AppError('invalid_request', `“${name}” has no pages: it is a film.`);
  for await (const { picture, timeMs } of readFrames(source, { timesMs: [part.timeMs ?? 0] })) {
    const place = placeOfFrame(picture, timeMs);
    if (!part.region) return { picture, place };
    const region = cutRegion(place, part.region, { from: 'fractions' });
    return { picture: cropPicture(picture, region.crop), place: region };
  }
  throw new AppError('media_broken', `“${name}” is damaged: the frame can't be decoded.`);
}

async function drawPage(file: WholeFile, part: PartOfFile, budget: RenderWish): Promise<PlacedPicture> {
  return withPdf(file, part.password, async (pdf) => {
    const number = part.page ?? 1;
    const page = pdf.pages[number - 1];
    if (!part.region || !page) {
      const picture = await pdf.renderPage(number, budget);
      return { picture, place: placeOfPage(picture, { page: number, ...pdf.pages[number - 1]! }) };
    }
    const [x1, y1, x2, y2] = part.region;
    const picture = await pdf.renderPage(number, budget, {
      left: x1 * page.widthPoints,
      top: y1 * page.heightPoints,
      right: x2 * page.widthPoints,
      bottom: y2 * page.heightPoints,
    });
    // The whole page at the region's own scale, so that the crop is the region's pixels.
    const parent = placeOfPage(
      {
        width: Math.max(1, Math.round(picture.width / (x2 - x1))),
        height: Math.max(1, Math.round(picture.height / (y2 - y1))),
      },
      { page: number, ...page },
    );
    const { width, height } = picture;
    return {
      picture,
      place: cutRegion(parent, part.region, { from: 'fractions', drawnAt: { width, height } }),
    };
  });
}

/** The text layer of a PDF's page with the box of each character, or the text of a document. */
export async function readPartText(file: MediaFile, part: PartOfFile = {}): Promise<PageText | OfficeText> {
  if (file.kind === 'pdf') return withPdf(file, part.password, (pdf) => pdf.pageText(part.page ?? 1));
  if (file.kind === 'document') return readOfficeText(file);
  if (file.kind === 'film')
    throw new AppError('media_unsupported', `“${file.name}” is a film and has no text.`);
  throw new AppError('media_unsupported', `“${file.name}” is a picture and has no text layer.`);
}

async function withPdf<T>(
  file: WholeFile,
  password: string | undefined,
  use: (pdf: PdfDocument) => Promise<T>,
): Promise<T> {
  const pdf = await openPdf(file.bytes, { password });
  try {
    return await use(pdf);
  } finally {
    await pdf.close();
  }
}

/** Rows x1 … x2, y1 … y2 in whole pixels. */
function cropPicture({ width, pixels }: RgbPicture, [x1, y1, x2, y2]: Box): RgbPicture {
  const out = new Uint8Array((x2 - x1) * (y2 - y1) * 3);
  for (let y = y1; y < y2; y++) {
    out.set(pixels.subarray((y * width + x1) * 3, (y * width + x2) * 3), (y - y1) * (x2 - x1) * 3);
  }
  return { width: x2 - x1, height: y2 - y1, pixels: out };
}
