/** A committed tiny checkpoint, converted and opened, for tests that need a whole model but no sense in its answers. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type GenerationParts, generate } from '../../native-models/inference/generate.ts';
import type {
  GenerationEvent,
  GenerationRequest,
  Message,
  ModelDescription,
  Precision,
} from '../../native-models/inference/generation-types.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { makeTiles, type PictureTiles } from '../../native-models/media/tiles.ts';
import { goldenFolder } from './golden-cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** 14 heads over 2 key-value heads, tile 112: 16 visual tokens. */
export const tinyCheckpoint = join(goldenFolder, 'checkpoints', 'g7-d64-t112-bf16');

export interface TinyModel {
  folder: string;
  parts: GenerationParts;
  description: ModelDescription;
}

export async function openTinyModel(t: TestContext, precision: Precision = 'fp32'): Promise<TinyModel> {
  const folder = join(await temporaryFolder(t), 'model');
  await convertCheckpoint({ checkpoint: tinyCheckpoint, out: folder, precision });
  const { parts, description } = await openModelParts(folder);
  t.after(() => closeParts(parts));
  return { folder, parts, description };
}

export async function closeParts(parts: GenerationParts): Promise<void> {
  parts.embedder.close();
  await parts.vision.close();
  await parts.decoder.close();
}

/** A picture of seeded noise, cut into tiles as the model wants them. */
export function noisePicture(
  { tileSize }: ModelDescription,
  { width, height, seed = 1 }: { width: number; height: number; seed?: number },
): PictureTiles {
  const random = createRandom(seed);
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  return makeTiles({ width, height, pixels }, { tileSize, minTiles: 1, maxTiles: 12, useThumbnail: true });
}

/** One user turn of pictures and text. */
export function userTurn(text: string, ...pictures: PictureTiles[]): Message {
  const shown = pictures.map((picture) => ({ type: 'pictures' as const, pictures: [picture] }));
  return { role: 'user', parts: [...shown, { type: 'text', text }] };
}

export interface Answer {
  events: GenerationEvent[];
  end: Extract<GenerationEvent, { type: 'end' }>;
  promptIds: number[];
}

/** Runs a request to its end. */
export async function answer(
  parts: GenerationParts,
  request: GenerationRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> {
  const events: GenerationEvent[] = [];
  for await (const event of generate(parts, request, signal)) events.push(event);
  const end = events.at(-1);
  if (end?.type !== 'end') throw new Error('the generation did not end with an end event');
  return {
    events,
    end,
    promptIds: events.flatMap((event) => (event.type === 'prompt' ? event.tokenIds : [])),
  };
}
