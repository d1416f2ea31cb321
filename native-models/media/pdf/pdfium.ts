/**
 * The only door to pdfium, compiled to WebAssembly. The build holds no script engine and no XFA, and without a form
 * environment, which is never made here, pdfium follows no action of any kind; its file system is empty.
 */
import { init } from '@embedpdf/pdfium';
import { type CompiledWasm, moduleOptions, type WasmMemory } from '../web-assembly.ts';

/** The exports in use, with pdfium's own names; numbers that point into `memory` end in `At`. */
export interface PdfiumExports {
  memory: WasmMemory;
  /** @returns 0 when memory is used up */
  malloc(sizeBytes: number): number;
  free(at: number): void;
  FPDF_InitLibrary(): void;
  FPDF_LoadMemDocument64(bytesAt: number, sizeBytes: number, passwordAt: number): number;
  FPDF_GetLastError(): number;
  FPDF_GetPageCount(document: number): number;
  /** Writes width and height as float32; 0 for a page that can't be read. */
  FPDF_GetPageSizeByIndexF(document: number, index: number, sizeAt: number): number;
  /** Writes left, top, right, bottom as float32, in points of the file, y upwards; 0 for a page that can't be read. */
  EPDF_GetPageBoxByIndex(document: number, index: number, box: number, rectangleAt: number): number;
  /** Quarter turns clockwise. */
  EPDF_GetPageRotationByIndex(document: number, index: number): number;
  FPDF_LoadPage(document: number, index: number): number;
  FPDF_ClosePage(page: number): void;
  FPDFPage_GetRotation(page: number): number;
  /** Writes left, top, right, bottom as float32, in points of the page before it is turned, y upwards. */
  FPDF_GetPageBoundingBox(page: number, rectangleAt: number): number;
  FPDFBitmap_CreateEx(
    width: number,
    height: number,
    format: number,
    pixelsAt: number,
    strideBytes: number,
  ): number;
  FPDFBitmap_FillRect(
    bitmap: number,
    left: number,
    top: number,
    width: number,
    height: number,
    argb: number,
  ): void;
  /** The matrix, six float32, leads from points of the page as shown to pixels; the clip is in pixels. */
  FPDF_RenderPageBitmapWithMatrix(
    bitmap: number,
    page: number,
    matrixAt: number,
    clipAt: number,
    flags: number,
  ): void;
  FPDFBitmap_Destroy(bitmap: number): void;
  FPDFPage_GetAnnotCount(page: number): number;
  FPDFPage_GetAnnot(page: number, index: number): number;
  FPDFPage_CloseAnnot(annotation: number): void;
  FPDFAnnot_GetSubtype(annotation: number): number;
  FPDFAnnot_GetFlags(annotation: number): number;
  /** Draws an annotation's look; the matrix as above. */
  EPDF_RenderAnnotBitmap(
    bitmap: number,
    page: number,
    annotation: number,
    mode: number,
    matrixAt: number,
    flags: number,
  ): number;
  FPDFText_LoadPage(page: number): number;
  FPDFText_ClosePage(textPage: number): void;
  FPDFText_CountChars(textPage: number): number;
  /** A code point; 0 where the font tells none. */
  FPDFText_GetUnicode(textPage: number, index: number): number;
  FPDFText_IsHyphen(textPage: number, index: number): number;
  /** The place of the glyph at full line height, as FPDF_GetPageBoundingBox writes it; 0 for none. */
  FPDFText_GetLooseCharBox(textPage: number, index: number, rectangleAt: number): number;
}

export interface Pdfium {
  exports: PdfiumExports;
  /** Whether the limit of memory has been met, which pdfium answers with a trap. */
  memoryRefused(): boolean;
}

/** An instance with memory of its own, so that what one PDF breaks no other meets. */
export async function startPdfium(
  compiled: CompiledWasm,
  { memoryBytes }: { memoryBytes: number },
): Promise<Pdfium> {
  const { pdfium } = await init(moduleOptions(compiled));
  const exports = pdfium.wasmExports as unknown as PdfiumExports;
  const memoryRefused = limitMemory(exports.memory, memoryBytes);
  exports.FPDF_InitLibrary();
  return { exports, memoryRefused };
}

/** WebAssembly grows through this object alone (`emscripten_resize_heap`), and takes a throw for "no more memory". */
function limitMemory(memory: WasmMemory, memoryBytes: number): () => boolean {
  const pageBytes = 64 * 1024;
  const grow = memory.grow.bind(memory);
  let refused = false;
  memory.grow = (pages: number) => {
    if (memory.buffer.byteLength + pages * pageBytes > memoryBytes) {
      refused = true;
      throw new RangeError('pdfium has used up its memory');
    }
    return grow(pages);
  };
  return () => refused;
}
