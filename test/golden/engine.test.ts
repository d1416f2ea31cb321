/** The engine against transformers, stage by stage, on every committed checkpoint shape and layout. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type GenerationParts, generate } from '../../native-models/inference/generate.ts';
import type { GenerationRequest, Message, ModelDescription } from '../../native-models/inference/generation-types.ts';
import { argMax } from '../../native-models/inference/sampler.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { encodePictures } from '../../native-models/inference/visual-tokens.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { toPixelValues } from '../../native-models/media/pixel-values.ts';
import { makeTiles, type PictureTiles } from '../../native-models/media/tiles.ts';
import {
  type GoldenCase,
  goldenCasesByCheckpoint,
  goldenFolder,
  readGoldenArrays,
  relativeError,
} from '../support/golden-cases.ts';

/** The reference's own rounding error stays below 1e-5; a right implementation stays within a few times that. */
const tolerance = 1e-4;
const never = new AbortController().signal;

for (const [checkpoint, cases] of goldenCasesByCheckpoint()) {
  test(`${checkpoint.split('/').at(-1)}: tiles, prompt, visual tokens, logits and 64 greedy ids equal the reference`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'golden-'));
    t.after(() => rm(folder, { recursive: true }));
    const out = join(folder, 'model');
    await convertCheckpoint({ checkpoint: join(goldenFolder, checkpoint), out, precision: 'fp32' });
    const { parts, description } = await openModelParts(out);
    for (const entry of cases) await t.test(entry.kind, () => compare(parts, description, entry));
    await parts.vision.close();
    await parts.decoder.close();
    parts.embedder.close();
  });
}

async function compare(parts: GenerationParts, description: ModelDescription, entry: GoldenCase): Promise<void> {
  const tiles = await tilesOf(entry, description);
  const arrays = await readGoldenArrays(entry);

  const visualTokens = await visualTokensOf(parts, tiles);
  const width = parts.decoder.config.hiddenSize;
  const rows = Float32Array.from([...arrays.visualTokenRows].flatMap((row) => [...visualTokens.subarray(row * width, (row + 1) * width)]));
  if (tiles.length > 0) assert.ok(relativeError(rows, arrays.visualTokens) < tolerance, 'visual tokens');

  const messages = messagesOf(entry, description, tiles);
  const { promptIds, answerIds } = await freeRun(parts, { messages, generation: { maxNewTokens: 64 } });
  assert.deepEqual(promptIds, entry.promptIds, 'prompt ids');
  assert.deepEqual(answerIds, entry.greedyIds, 'greedy ids');

  const logits = await forcedLogits(parts, { entry, visualTokens, positions: [...arrays.logitPositions] });
  assert.ok(relativeError(logits, arrays.logits) < tolerance, `logits: ${relativeError(logits, arrays.logits)}`);
}

async function tilesOf(entry: GoldenCase, description: ModelDescription): Promise<PictureTiles[]> {
  const made: PictureTiles[] = [];
  for (const golden of entry.pictures) {
    const picture = await decodePicture({ path: join(goldenFolder, 'cases', 'pictures', golden.file) }, { asReference: true });
    const { tileSize, minTiles, useThumbnail } = description;
    const tiles = makeTiles(picture, { tileSize, minTiles, maxTiles: entry.maxTiles, useThumbnail });
    const { columns, rows, thumbnail } = golden;
    assert.deepEqual({ columns: tiles.columns, rows: tiles.rows, thumbnail: tiles.thumbnail }, { columns, rows, thumbnail });
    assert.equal(sha256(tiles.pixels), golden.tilesSha256, `tiles of ${golden.file}`);
    const values = toPixelValues(tiles.pixels, tileSize);
    assert.equal(sha256(new Uint8Array(values.buffer)), golden.pixelValuesSha256, `pixel values of ${golden.file}`);
    made.push(tiles);
  }
  return made;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Visual tokens of all pictures in order, [tokens, hidden]. */
async function visualTokensOf(parts: GenerationParts, tiles: PictureTiles[]): Promise<Float32Array> {
  const encoding = encodePictures(tiles, { encoder: parts.vision, cache: parts.visualTokenCache, inTurn: (work) => work() });
  let step = await encoding.next();
  while (!step.done) step = await encoding.next();
  return Float32Array.from(step.value.flat().flatMap((tile) => [...tile]));
}

function messagesOf(entry: GoldenCase, { systemText }: ModelDescription, tiles: PictureTiles[]): Message[] {
  let next = 0;
  const turns = entry.messages.map(
    (message): Message => ({
      role: message.role,
      parts: message.parts.map((part) =>
        part.type === 'text' ? part : { type: 'pictures', pictures: part.pictures.map(() => tiles[next++]!) },
      ),
    }),
  );
  return systemText === null ? turns : [{ role: 'system', parts: [{ type: 'text', text: systemText }] }, ...turns];
}

async function freeRun(parts: GenerationParts, request: GenerationRequest): Promise<{ promptIds: number[]; answerIds: number[] }> {
  const promptIds: number[] = [];
  let answerIds: number[] = [];
  for await (const event of generate(parts, request, never)) {
    if (event.type === 'prompt') promptIds.push(...event.tokenIds);
    if (event.type === 'end') answerIds = event.tokenIds;
  }
  return { promptIds, answerIds };
}

/** Logits after the given positions of prompt and answer, forced, in chunks of odd sizes. */
async function forcedLogits(
  parts: GenerationParts,
  { entry, visualTokens, positions }: { entry: GoldenCase; visualTokens: Float32Array; positions: number[] },
): Promise<Float32Array> {
  const { decoder, embedder, tokenizer } = parts;
  const ids = [...entry.promptIds, ...entry.greedyIds];
  const { hiddenSize: width, vocabularySize: vocabulary } = decoder.config;
  const hidden = new Float32Array(ids.length * width);
  let visual = 0;
  for (const [at, id] of ids.entries()) {
    if (id !== tokenizer.control.imgContext) embedder.embed(id, hidden, at * width);
    else hidden.set(visualTokens.subarray(visual * width, ++visual * width), at * width);
  }
  const cache = decoder.createCache();
  const logits = new Float32Array(positions.length * vocabulary);
  for (let first = 0; first < ids.length; first += 97) {
    const end = Math.min(ids.length, first + 97);
    const wanted = positions.filter((position) => position >= first && position < end);
    const chunk = await decoder.run({
      hidden: hidden.slice(first * width, end * width),
      positions: Float32Array.from({ length: end - first }, (_, i) => first + i),
      cache,
      logitRows: wanted.map((position) => position - first),
    });
    for (const [row, position] of wanted.entries()) {
      logits.set(chunk.subarray(row * vocabulary, (row + 1) * vocabulary), positions.indexOf(position) * vocabulary);
    }
  }
  return logits;
}

test('the comparison notices a wrong constant (negative control)', async (t) => {
  const [checkpoint, [entry]] = [...goldenCasesByCheckpoint()][0] as [string, [GoldenCase]];
  const folder = await mkdtemp(join(tmpdir(), 'golden-'));
  t.after(() => rm(folder, { recursive: true }));
  const out = join(folder, 'model');
  const { manifest } = await convertCheckpoint({ checkpoint: join(goldenFolder, checkpoint), out, precision: 'fp32' });
  const { writeFile } = await import('node:fs/promises');
  manifest.config.decoder.ropeTheta *= 1.01;
  await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest));
  const { parts } = await openModelParts(out);
  const arrays = await readGoldenArrays(entry);
  const logits = await forcedLogits(parts, {
    entry,
    visualTokens: new Float32Array(0),
    positions: [...arrays.logitPositions],
  });
  assert.ok(relativeError(logits, arrays.logits) > tolerance);
  assert.ok(argMax(logits) >= 0);
});
