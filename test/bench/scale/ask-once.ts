/** Loads a model, asks one question of a given size, and tells how long it took and how much memory: a process a question. */
import type { Message } from '../../../native-models/inference/generation-types.ts';
import { createRandom } from '../../../native-models/inference/random.ts';
import { openModel } from '../../../native-models/inference/vision-language-model.ts';
import { makeTiles } from '../../../native-models/media/tiles.ts';

/** What is asked. */
export interface QuestionShape {
  pictures: number;
  /** Of each picture, laid out as columns × rows; no thumbnail. */
  grid: [columns: number, rows: number];
  /** Words of one token each beside them. */
  words: number;
}

/** What it took. */
export interface AskedOnce {
  promptTokens: number;
  visionMs: number;
  prefillMs: number;
  firstTokenMs: number;
  newTokenMs: number;
  peakBytes: number;
}

const newTokens = 17;

const [folder = '', shapeJson = ''] = process.argv.slice(2);
const { pictures, grid, words } = JSON.parse(shapeJson) as QuestionShape;
const model = await openModel(folder, { question: { tokens: 0, hasPictures: false } });
const { tileSize: side } = model.description;
const [columns, rows] = grid;
const limits = { tileSize: side, minTiles: columns * rows, maxTiles: columns * rows, useThumbnail: false };
const shown = Array.from({ length: pictures }, (_, index) => {
  const random = createRandom(index + 1);
  const size = { width: columns * side, height: rows * side };
  const pixels = Uint8Array.from({ length: size.width * size.height * 3 }, () => random() * 256);
  return { type: 'pictures' as const, pictures: [makeTiles({ ...size, pixels }, limits)] };
});
const message: Message = {
  role: 'user',
  parts: [...shown, { type: 'text', text: 'word '.repeat(words) }],
};
let promptTokens = 0;
const request = { messages: [message], generation: { maxNewTokens: newTokens } };
for await (const event of model.generate(request, new AbortController().signal)) {
  if (event.type === 'prompt') promptTokens = event.tokenIds.length;
  if (event.type !== 'end') continue;
  const { visionMs, prefillMs, firstTokenMs, decodeTokensPerSecond } = event.timings;
  const asked: AskedOnce = {
    promptTokens,
    visionMs,
    prefillMs,
    firstTokenMs,
    newTokenMs: 1000 / decodeTokensPerSecond,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(asked));
}
process.exit(0);
