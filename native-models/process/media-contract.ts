/** What the media process answers about a file: what it is, and any part of it as tiles, thumbnail or text. Hostile files live and die here. */
import { z } from 'zod';
import { type Client, type Contract, call, stream } from '../../preload/contract/define.ts';
import { filmLimits } from '../media/film/film-limits.ts';
import { bytePiece, pictureHeader } from './picture-pieces.ts';
import { picturePlace } from './picture-place-schema.ts';
import { processContract } from './process-contract.ts';

const positive = z.int().positive();
const fraction = z.number().min(0).max(1);
const milliseconds = z.number().nonnegative();
export const fileId = z.string().min(1).max(64).brand<'SentFileId', 'inout'>();

/** A file on this machine, or one that was sent before by `putFile` and is used up by the request that names it. */
const source = z.union([
  z.strictObject({ path: z.string().min(1) }),
  z.strictObject({ fileId, name: z.string().max(255) }),
]);

/** Which part of the file; all absent means the whole picture, a PDF's first page, or a film's first frame. */
const part = z.strictObject({
  /** Of a PDF or TIFF, or a frame of an animated GIF or WebP; counted from 1. */
  page: z.exactOptional(positive),
  /** Of a film: the frame shown at that time, counted from its first frame. */
  timeMs: z.exactOptional(milliseconds),
  password: z.exactOptional(z.string().max(1024)),
  /** A part of that picture, page or frame: x1 y1 x2 y2 as fractions of it as shown. */
  region: z.exactOptional(z.tuple([fraction, fraction, fraction, fraction])),
});

const pdfPage = z.strictObject({
  widthPoints: z.number().positive(),
  heightPoints: z.number().positive(),
  rotationDegrees: z.literal([0, 90, 180, 270]),
  /** Lower left corner of the crop box, in the file’s own points. */
  cropOrigin: z.tuple([z.number(), z.number()]).readonly(),
});

const film = z.strictObject({
  kind: z.literal('film'),
  /** Of a frame as shown, turned upright. */
  widthPx: positive,
  heightPx: positive,
  durationMs: milliseconds,
  /** Average, frames a second. */
  frameRate: z.number().positive(),
  /** How far the file turns its frames clockwise; already in the sizes and frames. */
  rotation: z.literal([0, 90, 180, 270]),
  codec: z.literal(['avc', 'hevc', 'vp8', 'vp9', 'av1']),
});

const tiling = {
  /** Side of a tile in pixels. */
  tileSize: positive.max(4096),
  minTiles: positive.max(256),
  maxTiles: positive.max(256),
  useThumbnail: z.boolean(),
  /** Sends the picture itself, not cut: the model is on another machine, which cuts it. */
  whole: z.exactOptional(z.boolean()),
};

/** Which frames of a film: so many, spread evenly as the model card does or over its scenes, or those shown at given times. */
const frameChoice = z.union([
  z.strictObject({
    count: positive.max(filmLimits.sampledFrames),
    /** A part of the film, start and end; default the whole. */
    boundMs: z.exactOptional(z.tuple([milliseconds, milliseconds]).readonly()),
    sampling: z.exactOptional(z.literal(['uniform', 'scenes'])),
  }),
  z.strictObject({ timesMs: z.array(milliseconds).min(1).max(filmLimits.sampledFrames).readonly() }),
]);

const piece = z.strictObject({ type: z.literal('piece'), ...bytePiece });

export const mediaContract = {
  ...processContract,
  /** Sends one piece of a file that lies on no disk (pasted, or kept encrypted). */
  putFile: call(z.strictObject({ fileId, sizeBytes: positive, ...bytePiece }), z.strictObject({})),
  /** What a file is, before anything large is decoded. */
  inspectFile: call(
    z.strictObject({ source, password: z.exactOptional(z.string().max(1024)) }),
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('picture'),
        width: positive,
        height: positive,
        /** Pages of a TIFF, or frames of an animated GIF or WebP; 1 for all others. */
        pageCount: positive,
        /** Whether the pages are frames; the first is what a request without a page gets. */
        isAnimated: z.boolean(),
      }),
      z.strictObject({
        kind: z.literal('pdf'),
        pageCount: positive,
        pages: z.array(pdfPage.nullable()).max(500),
      }),
      film,
      z.strictObject({ kind: z.literal('document'), format: z.string(), characters: z.int().nonnegative() }),
    ]),
  ),
  /** Decodes, tiles and resizes one picture, page or region: its header first, then its pixels, uint8 [tiles, S, S, 3], in pieces. */
  openPicture: stream(
    z.strictObject({
      source,
      part,
      ...tiling,
      /** Decode as the model card does: no EXIF turn, no white behind alpha, no ICC conversion. */
      asReference: z.boolean(),
    }),
    z.discriminatedUnion('type', [
      /** `place` leads boxes on the picture back to the file. */
      z.strictObject({ type: z.literal('header'), header: pictureHeader, place: picturePlace }),
      piece,
    ]),
  ),
  /**
   * Frames of a film as tiles, in the order they are shown and none twice: each one's header, then its pixels in
   * pieces. A film or part with fewer frames than asked for gives those it has.
   */
  openFrames: stream(
    z.strictObject({ source, choice: frameChoice, ...tiling }),
    z.discriminatedUnion('type', [
      /** Said every few seconds, so that a film that takes long to decode is no silence. */
      z.strictObject({ type: z.literal('reading'), framesDone: z.int().nonnegative() }),
      z.strictObject({
        type: z.literal('frame'),
        /** When it is shown, from the film's first frame: the file's own time. */
        timeMs: milliseconds,
        header: pictureHeader,
        /** Leads boxes on the frame back to the film. */
        place: picturePlace,
      }),
      piece,
    ]),
  ),
  /** One picture, page, frame or region as a small WebP for people, in pieces. */
  openThumbnail: stream(
    z.strictObject({ source, part, maxSide: positive.max(2048) }),
    z.discriminatedUnion('type', [z.strictObject({ type: z.literal('header'), sizeBytes: positive }), piece]),
  ),
  /** The text layer of a PDF's page, or a document's text, in pieces of characters. */
  readText: stream(
    z.strictObject({ source, part }),
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), text: z.string() }),
      z.strictObject({ type: z.literal('end'), truncated: z.boolean(), hasText: z.boolean() }),
    ]),
  ),
} satisfies Contract;

export type MediaContract = typeof mediaContract;
export type MediaClient = Client<MediaContract>;
