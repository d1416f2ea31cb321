/** What can be asked of an open PDF, answered by pdfium inside the PDF's own thread. */
import { AppError } from '../../../preload/contract/errors.ts';
import type { Point } from '../box.ts';
import type { PageRegion, PageSize, PixelSize } from '../page-render-size.ts';
import type { RgbPicture } from '../rgb-picture.ts';
import type { PdfLimits } from './pdf-limits.ts';
import { renderPdfPage } from './pdf-page-picture.ts';
import { type PageText, readPageText } from './pdf-page-text.ts';
import type { Pdfium, PdfiumExports } from './pdfium.ts';

/** A page as shown: its size in points after turning and cropping. */
export interface PdfPage extends PageSize {
  /** How far the file turns the page clockwise; already in its size, its picture and its boxes. */
  rotationDegrees: 0 | 90 | 180 | 270;
  /** Lower left corner of the part that is shown, in the file's own coordinates, in points. */
  cropOrigin: Point;
}

export interface PdfOutline {
  pageCount: number;
  /** The first pages, as far as the limit goes; null for one whose size can't be read. */
  pages: (PdfPage | null)[];
}

export interface PdfContents {
  outline: PdfOutline;
  /** @param page counted from 1 */
  render(page: number, picture: { region: PageRegion; size: PixelSize }): RgbPicture;
  /** @param page counted from 1 */
  text(page: number): PageText;
}

/** @throws AppError `media_broken`, `media_unsupported` (no PDF, or protected in a way we can't open), `password_needed`, `media_too_large` */
export function readPdf(
  pdfium: Pdfium,
  file: { bytes: Uint8Array; password: string | null },
  limits: PdfLimits,
): PdfContents {
  const { exports } = pdfium;
  const document = loadDocument(exports, file);
  const pageCount = exports.FPDF_GetPageCount(document);
  if (pageCount <= 0) throw new AppError('media_broken', 'The PDF has no pages.');
  const pages = Array.from({ length: Math.min(pageCount, limits.pages) }, (_, index) =>
    measurePage(exports, document, index),
  );
  const withPage = <Result>(page: number, use: (handle: number) => Result): Result => {
    const handle = exports.FPDF_LoadPage(document, page - 1);
    if (!handle) throw new AppError('media_broken', `Page ${page} of the PDF is damaged and can't be read.`);
    const result = use(handle);
    exports.FPDF_ClosePage(handle);
    return result;
  };
  return {
    outline: { pageCount, pages },
    render: (page, picture) => withPage(page, (handle) => renderPdfPage(exports, handle, picture)),
    text: (page) => withPage(page, (handle) => readPageText(exports, handle, limits.characters)),
  };
}

function loadDocument(
  exports: PdfiumExports,
  { bytes, password }: { bytes: Uint8Array; password: string | null },
): number {
  const bytesAt = storeBytes(exports, bytes); // pdfium reads from there as long as the document is open
  const passwordAt = password === null ? 0 : storeBytes(exports, Buffer.from(`${password}\0`));
  const document = exports.FPDF_LoadMemDocument64(bytesAt, bytes.length, passwordAt);
  if (document) return document;
  throw explainFailure(exports.FPDF_GetLastError(), password !== null);
}

function storeBytes(exports: PdfiumExports, bytes: Uint8Array): number {
  const at = exports.malloc(bytes.length);
  if (!at) throw new AppError('media_too_large', 'The PDF needs more memory than a file may take.');
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
  return at;
}

/** Source: fpdfview.h, FPDF_ERR_PASSWORD 4 and FPDF_ERR_SECURITY 5; all others mean a file that can't be parsed. */
function explainFailure(reason: number, hadPassword: boolean): AppError {
  if (reason === 4 && hadPassword) {
    return new AppError('password_needed', "The password doesn't open this PDF. Check it and try again.");
  }
  if (reason === 4) {
    return new AppError('password_needed', 'The PDF is protected. Give its password to open it.');
  }
  if (reason === 5) {
    return new AppError('media_unsupported', "The PDF is protected in a way the app can't open.");
  }
  return new AppError('media_broken', "The PDF is damaged and can't be opened.");
}

function measurePage(exports: PdfiumExports, document: number, index: number): PdfPage | null {
  const scratchAt = exports.malloc(16);
  const readFloats = (known: number, count: number): number[] | null =>
    known ? [...new Float32Array(exports.memory.buffer, scratchAt, count)] : null;
  const readBox = (box: number) =>
    readFloats(exports.EPDF_GetPageBoxByIndex(document, index, box, scratchAt), 4);
  const size = readFloats(exports.FPDF_GetPageSizeByIndexF(document, index, scratchAt), 2);
  const mediaBox = readBox(mediaBoxNumber);
  const cropBox = readBox(cropBoxNumber);
  exports.free(scratchAt);
  const [widthPoints = 0, heightPoints = 0] = size ?? [];
  if (!(widthPoints > 0) || !(heightPoints > 0)) return null;
  const rotationDegrees = ((exports.EPDF_GetPageRotationByIndex(document, index) & 3) *
    90) as PdfPage['rotationDegrees'];
  return { widthPoints, heightPoints, rotationDegrees, cropOrigin: findCropOrigin(mediaBox, cropBox) };
}

// Source: embedpdf's epdf_page.h; both boxes come ordered, and with the page tree's defaults.
const mediaBoxNumber = 0;
const cropBoxNumber = 1;

/** What is shown is where the two boxes, left, top, right and bottom each, overlap. Source: ISO 32000-2, 14.11.2.1. */
function findCropOrigin(mediaBox: number[] | null, cropBox: number[] | null): Point {
  const [left = 0, , , bottom = 0] = mediaBox ?? [];
  const [cropLeft = left, , , cropBottom = bottom] = cropBox ?? [];
  return [Math.max(left, cropLeft), Math.max(bottom, cropBottom)];
}
