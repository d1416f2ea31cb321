/** HEIC and PDF read as their threads do it, but in the caller's: four times as fast, for hundreds of small files. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { openPhoto } from '../../native-models/media/heic/libheif.ts';
import { pictureLimits } from '../../native-models/media/limits.ts';
import { readPdf } from '../../native-models/media/pdf/pdf-contents.ts';
import { pdfLimits } from '../../native-models/media/pdf/pdf-limits.ts';
import { startPdfium } from '../../native-models/media/pdf/pdfium.ts';
import { requirePictureKind } from '../../native-models/media/picture-file.ts';
import { compileWasmFile } from '../../native-models/media/web-assembly.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type Outcome, requireNamedError } from './read-any-file.ts';

const compile = (file: string) => compileWasmFile(fileURLToPath(import.meta.resolve(file)));

/** A trap inside the compiled library ends a thread, which its owner calls a damaged file. */
async function named(read: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await read();
  } catch (error) {
    return error instanceof AppError ? requireNamedError(error) : 'media_broken';
  }
}

export function readPhotoWithoutThread(bytes: Uint8Array): Promise<Outcome> {
  return named(async () => {
    if (requirePictureKind(bytes) !== 'heic') throw new AppError('media_unsupported', 'This is no HEIC.');
    const compiled = await compile('libheif-js/libheif-wasm/libheif.wasm');
    const photo = await openPhoto(compiled, { bytes, limits: pictureLimits });
    const { width, height, pixels } = await photo.decode();
    assert.equal(pixels.length, width * height * 3);
    photo.readProfile();
    return 'pixels';
  });
}

export function readPdfWithoutThread(bytes: Uint8Array): Promise<Outcome> {
  return named(async () => {
    const pdfium = await startPdfium(await compile('@embedpdf/pdfium/pdfium.wasm'), pdfLimits);
    const { outline, render, text } = readPdf(pdfium, { bytes, password: null }, pdfLimits);
    const page = outline.pages[0];
    if (!page) return 'media_broken';
    const region = { left: 0, top: 0, right: page.widthPoints, bottom: page.heightPoints };
    assert.equal(render(1, { region, size: { width: 112, height: 112 } }).pixels.length, 112 * 112 * 3);
    text(1);
    return 'pixels';
  });
}
