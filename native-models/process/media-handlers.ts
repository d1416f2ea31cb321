/** What the media process does for each request. */
import type { z } from 'zod';
import type { Handlers } from '../../preload/contract/define.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { readFrames } from '../media/film/open-film.ts';
import { pictureLimits } from '../media/limits.ts';
import { decodePart, inspectFile, type MediaFile, readAttachment, readPartText } from '../media/open-part.ts';
import { placeOfFrame } from '../media/picture-place.ts';
import { makeThumbnail } from '../media/thumbnail.ts';
import { showPicture } from '../media/whole-picture.ts';
import { splitBytes } from './byte-pieces.ts';
import { createByteShelf } from './byte-shelf.ts';
import type { MediaContract } from './media-contract.ts';
import { processHandlers } from './process-contract.ts';
import { sayWhileSlow } from './say-while-slow.ts';

const sentFiles = createByteShelf({ entries: 16, bytes: 2 * pictureLimits.fileBytes });

/** Characters of one text event: two bytes each stay well within a frame. */
const charactersPerEvent = 16_000;

export const mediaHandlers: Handlers<MediaContract> = {
  ...processHandlers,

  async putFile({ fileId, sizeBytes, ...piece }) {
    sentFiles.put(fileId, sizeBytes, piece);
    return {};
  },

  async inspectFile({ source, password }) {
    const description = await inspectFile(await openSource(source), { password });
    return description.kind === 'pdf' ? { ...description, pages: [...description.pages] } : description;
  },

  async *openPicture({ source, part, asReference, ...tiling }, signal) {
    const { picture, place } = await decodePart(await openSource(source), part, {
      budget: tiling,
      asReference,
    });
    if (signal.aborted) return;
    const { pixels, ...header } = await showPicture(picture, tiling);
    yield { type: 'header', header, place };
    yield* pieces(pixels, signal);
  },

  async *openFrames({ source, choice, ...tiling }, signal) {
    const file = await openSource(source);
    if (file.kind !== 'film')
      throw new AppError('invalid_request', `“${file.name}” has no frames: it is no film.`);
    let framesDone = 0;
    const frames = readFrames(file.source, choice, { signal });
    for await (const frame of sayWhileSlow(frames, () => ({ type: 'reading' as const, framesDone }))) {
      if ('type' in frame) {
        yield frame;
        continue;
      }
      const { pixels, ...header } = await showPicture(frame.picture, tiling);
      yield {
        type: 'frame',
        timeMs: frame.timeMs,
        header,
        place: placeOfFrame(frame.picture, frame.timeMs),
      };
      yield* pieces(pixels, signal);
      framesDone++;
    }
  },

  async *openThumbnail({ source, part, maxSide }, signal) {
    const budget = { maxPixels: maxSide ** 2 }; // a tile would stretch a page to a square
    const { picture } = await decodePart(await openSource(source), part, { budget });
    if (signal.aborted) return;
    const bytes = await makeThumbnail(picture, maxSide);
    yield { type: 'header', sizeBytes: bytes.length };
    yield* pieces(bytes, signal);
  },

  async *readText({ source, part }, signal) {
    const { text, truncated } = await readPartText(await openSource(source), part);
    for (let at = 0; at < text.length && !signal.aborted; at += charactersPerEvent) {
      yield { type: 'text', text: text.slice(at, at + charactersPerEvent) };
    }
    yield { type: 'end', truncated, hasText: text.trim() !== '' };
  },
};

function* pieces(bytes: Uint8Array, signal: AbortSignal) {
  for (const piece of splitBytes(bytes)) {
    if (signal.aborted) return;
    yield { type: 'piece' as const, ...piece };
  }
}

type WireSource = z.output<MediaContract['openPicture']['input']>['source'];

async function openSource(source: WireSource): Promise<MediaFile> {
  if ('path' in source) return readAttachment(source);
  const bytes = sentFiles.get(source.fileId);
  sentFiles.drop(source.fileId);
  if (!bytes) throw new AppError('not_found', 'The file was not sent whole.');
  return readAttachment({ bytes, name: source.name });
}
