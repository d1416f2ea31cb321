/** The asker's side of the media process: a file in, whole tiles, thumbnails and texts out. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import type { PicturePlace } from '../media/picture-place.ts';
import type { PictureTiles } from '../media/tiles.ts';
import { assembleBytes, type ByteAssembly, splitBytes } from './byte-pieces.ts';
import { fileId as fileIdSchema, type MediaClient, type MediaContract } from './media-contract.ts';
import { type PictureHeader, pixelBytesOf } from './picture-shelf.ts';

type WireRequest = z.input<MediaContract['openPicture']['input']>;
type WireSource = WireRequest['source'];

export { filmQuestion, type ShownFile } from '../media/film/film-question.ts';

/** A file by its path, or its bytes and the name it had. */
export type FileSource = { path: string } | { bytes: Uint8Array; name?: string };

/** Which part of a file: a PDF's page, a film's frame, a region of these or of a picture. */
export type FilePart = WireRequest['part'];

/** A picture, page or region, and how to cut it. */
export type OpenPictureRequest = Omit<WireRequest, 'source' | 'part'> & {
  source: FileSource;
  part?: FilePart;
};

/** Tiles, and the way back from boxes on them to the file. */
export interface OpenedPicture {
  picture: PictureTiles;
  place: PicturePlace;
}

/** Largest picture a caller accepts, in bytes of tiles: 40 tiles of 448 px take 24 MB. */
const maxPictureBytes = 256 * 1024 * 1024;

/** A thumbnail of 2,048 px takes far less. */
const maxThumbnailBytes = 16 * 1024 * 1024;

/** What a file is: a picture, a PDF with its pages, a film, or a document of text. */
export async function inspectFile(media: MediaClient, source: FileSource, password?: string) {
  return media.inspectFile({
    source: await wireSource(media, source),
    ...(password !== undefined && { password }),
  });
}

/**
 * Opens one picture as tiles.
 * @returns null when the signal was aborted before it was whole
 */
export async function openPicture(
  media: MediaClient,
  request: OpenPictureRequest,
  signal?: AbortSignal,
): Promise<OpenedPicture | null> {
  const source = await wireSource(media, request.source);
  let opened: { header: PictureHeader; place: PicturePlace; pixels: ByteAssembly } | null = null;
  for await (const event of media.openPicture({ part: {}, ...request, source }, signal)) {
    if (event.type === 'piece') opened?.pixels.add(event);
    else opened = { ...event, pixels: assemblePixels(event.header) };
  }
  const pixels = opened?.pixels.bytes();
  if (opened && pixels) return { picture: { ...opened.header, pixels }, place: opened.place };
  if (signal?.aborted) return null;
  throw new AppError('internal', 'The picture did not arrive whole.');
}

/** Which frames of a film, and how to cut each. */
export type OpenFramesRequest = Omit<z.input<MediaContract['openFrames']['input']>, 'source'> & {
  source: FileSource;
};

/** One frame of a film; it may be cut into tiles as any picture, the model card shows each as one. */
export interface OpenedFrame extends OpenedPicture {
  /** When it is shown, in milliseconds from the film's first frame. */
  timeMs: number;
}

/** Opens frames of a film as tiles, in the order they are shown; an abort ends them early, without an error. */
export async function* openFrames(
  media: MediaClient,
  request: OpenFramesRequest,
  signal?: AbortSignal,
): AsyncGenerator<OpenedFrame> {
  const source = await wireSource(media, request.source);
  let frame: { header: PictureHeader; place: PicturePlace; timeMs: number; pixels: ByteAssembly } | null =
    null;
  for await (const event of media.openFrames({ ...request, source }, signal)) {
    if (signal?.aborted) return; // what was on its way already is no longer wanted
    if (event.type === 'reading') continue;
    if (event.type === 'frame') {
      frame = { ...event, pixels: assemblePixels(event.header) };
      continue;
    }
    frame?.pixels.add(event);
    const pixels = frame?.pixels.bytes();
    if (!frame || !pixels) continue;
    yield { picture: { ...frame.header, pixels }, place: frame.place, timeMs: frame.timeMs };
    frame = null;
  }
}

function assemblePixels(header: PictureHeader): ByteAssembly {
  if (pixelBytesOf(header) <= maxPictureBytes) return assembleBytes(pixelBytesOf(header));
  throw new AppError(
    'media_too_large',
    'The picture makes more tiles than fit into memory; use fewer tiles.',
  );
}

/** A small WebP of a picture, page, frame or region; null when aborted. */
export async function openThumbnail(
  media: MediaClient,
  request: { source: FileSource; part: FilePart; maxSide: number },
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const source = await wireSource(media, request.source);
  let assembly: ByteAssembly | null = null;
  for await (const event of media.openThumbnail({ ...request, source }, signal)) {
    if (event.type === 'piece') assembly?.add(event);
    else assembly = assembleBytes(Math.min(event.sizeBytes, maxThumbnailBytes));
  }
  const bytes = assembly?.bytes();
  if (bytes) return bytes;
  if (signal?.aborted) return null;
  throw new AppError('internal', 'The thumbnail did not arrive whole.');
}

/** Text of a page or document. `hasText` is false for scans; `truncated` where it was cut at the limit. */
export interface FileText {
  text: string;
  hasText: boolean;
  truncated: boolean;
}

/** Reads a text layer or document; null when aborted. */
export async function readText(
  media: MediaClient,
  request: { source: FileSource; part: FilePart },
  signal?: AbortSignal,
): Promise<FileText | null> {
  let text = '';
  for await (const event of media.readText(
    { ...request, source: await wireSource(media, request.source) },
    signal,
  )) {
    if (event.type === 'text') text += event.text;
    else return signal?.aborted ? null : { text, hasText: event.hasText, truncated: event.truncated };
  }
  return null;
}

async function wireSource(media: MediaClient, source: FileSource): Promise<WireSource> {
  if ('path' in source) return source;
  if (source.bytes.byteLength === 0) throw new AppError('media_broken', 'The file is empty.');
  const fileId = fileIdSchema.parse(randomUUID());
  for (const piece of splitBytes(source.bytes)) {
    await media.putFile({ fileId, sizeBytes: source.bytes.byteLength, ...piece });
  }
  return { fileId, name: source.name?.slice(-255) ?? 'the file' };
}
