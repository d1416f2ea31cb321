/** The sample texts and pictures that come with the app, and how a check cuts pictures into tiles. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelManifest } from '../conversion/model-manifest.ts';

const fileName = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/);

const sampleListSchema = z.strictObject({
  texts: z.array(fileName),
  pictures: z.array(z.strictObject({ file: fileName, question: z.string(), answer: z.string() })),
});

export interface SampleList {
  texts: string[];
  /** Paths, to be opened by the media process. */
  pictures: { path: string; question: string; answer: string }[];
}

/** Reads `samples.json` of a folder and the texts that it names. */
export async function readSampleList(folder: string): Promise<SampleList> {
  const list = sampleListSchema.parse(JSON.parse(await readFile(join(folder, 'samples.json'), 'utf8')));
  return {
    texts: await Promise.all(list.texts.map((file) => readFile(join(folder, file), 'utf8'))),
    pictures: list.pictures.map(({ file, ...rest }) => ({ path: join(folder, file), ...rest })),
  };
}

/** Two tiles and the thumbnail: more tiles of one picture tell a check little that is new, and each costs seconds. */
const maxCheckedTiles = 2;

/** How a check's pictures are opened for this model. */
export function checkTiling({ config }: Pick<ModelManifest, 'config'>) {
  const maxTiles = Math.min(maxCheckedTiles, config.maxTiles);
  return {
    tileSize: config.vision.imageSize,
    minTiles: Math.min(config.minTiles, maxTiles),
    maxTiles,
    useThumbnail: config.useThumbnail,
    asReference: false,
  };
}
