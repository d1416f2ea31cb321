/** From a question's pictures and films to tiles, by a media process that may die of one without ending the run. */

import type { Media, Question } from '../../../native-models/evaluation/datasets/question.ts';
import type { LoadedModel, PictureTiles } from '../../../native-models/process/engine-client.ts';
import {
  type FileSource,
  inspectFile,
  openFrames,
  openPicture,
  readText,
  type ShownFile,
} from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { Children, Started } from '../children.ts';

export interface ShownMedia {
  pictures: PictureTiles[];
  shown: ShownFile[];
  documents: { name: string; text: string }[];
}

/** How pictures are cut for this model and benchmark. */
export interface Cutting {
  description: LoadedModel['description'];
  /** In place of the question's own. */
  maxTiles: number | null;
  /** Read as the model card does: no turn by EXIF, no colour profile. */
  asReference: boolean;
}

/** The media process of a run, started when first needed and again after it died; it does one thing after the other. */
export interface MediaProcess {
  ask<T>(work: (media: MediaClient) => Promise<T>): Promise<T>;
}

export function createMediaProcess(children: Children): MediaProcess {
  let started: Started<MediaClient> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function askNow<T>(work: (media: MediaClient) => Promise<T>): Promise<T> {
    started ??= children.media();
    try {
      return await work(started.client);
    } catch (error) {
      if (isChildGone(error)) started = null;
      throw error;
    }
  }

  return {
    ask(work) {
      // A file that ends the process must not take the pictures of another question with it.
      const asked = last.then(() => askNow(work));
      last = asked.catch(() => {});
      return asked;
    },
  };
}

export function isChildGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'child_gone';
}

/** @returns null when aborted */
export async function showMedia(
  media: MediaClient,
  question: Pick<Question, 'media' | 'shownAs' | 'maxTiles' | 'frames'>,
  cutting: Cutting,
  signal: AbortSignal,
): Promise<ShownMedia | null> {
  const all: ShownMedia = { pictures: [], shown: [], documents: [] };
  for (const one of question.media) {
    const before = all.pictures.length;
    const source = sourceOf(one);
    const { kind } = await inspectFile(media, source);
    if (kind === 'document') {
      const read = await readText(media, { source, part: {} }, signal);
      if (read) all.documents.push({ name: 'Document', text: read.text });
    } else if (kind === 'film') {
      for await (const { picture } of openFrames(media, framesOf(source, question, cutting), signal)) {
        all.pictures.push(picture);
      }
      all.shown.push({ kind: 'film', frameCount: all.pictures.length - before });
    } else {
      const opened = await openPicture(media, pictureOf(source, question, cutting), signal);
      if (opened) all.pictures.push(opened.picture);
      all.shown.push({ kind: 'picture' });
    }
    if (signal.aborted) return null;
  }
  if (question.shownAs === 'frames') all.shown = [{ kind: 'film', frameCount: all.pictures.length }];
  return all;
}

export function sourceOf(media: Media): FileSource {
  return media.kind === 'path' ? { path: media.path } : { bytes: media.bytes, name: media.name };
}

function pictureOf(
  source: FileSource,
  question: Pick<Question, 'shownAs' | 'maxTiles'>,
  { description, maxTiles, asReference }: Cutting,
) {
  const mostTiles = question.shownAs === 'frames' ? 1 : (maxTiles ?? question.maxTiles);
  return {
    source,
    tileSize: description.tileSize,
    minTiles: Math.min(description.minTiles, mostTiles),
    maxTiles: mostTiles,
    useThumbnail: description.useThumbnail,
    ...(description.remote && { whole: true }),
    asReference,
  };
}

/** The card's count where the data set names none. */
const usualFrames = 8;

/** Each frame is one tile, as on the model card. */
function framesOf(source: FileSource, { frames }: Pick<Question, 'frames'>, { description }: Cutting) {
  return {
    source,
    choice: { count: frames || usualFrames, sampling: 'uniform' as const },
    tileSize: description.tileSize,
    minTiles: 1,
    maxTiles: 1,
    useThumbnail: false,
    ...(description.remote && { whole: true }),
  };
}
