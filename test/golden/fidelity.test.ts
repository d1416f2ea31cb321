/** The check's streamed fp32 reference against transformers: what every figure of a report is measured from. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { floatSourceOf } from '../../native-models/conversion/float-source.ts';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { modelParameters } from '../../native-models/conversion/model-parameters.ts';
import { openStage, runStages } from '../../native-models/fidelity/run-stages.ts';
import { embedSequences, type SampleSequence } from '../../native-models/fidelity/sample-sequences.ts';
import { publishedWeights } from '../../native-models/fidelity/stage-weights.ts';
import { decoderStages, headStage, visionStages } from '../../native-models/fidelity/stages.ts';
import { openTokenEmbedder } from '../../native-models/inference/token-embedder.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { toPixelValues } from '../../native-models/media/pixel-values.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import { openCheckpointWeights } from '../../native-models/weights/checkpoint-weights.ts';
import {
  type GoldenCase,
  goldenCasesByCheckpoint,
  goldenFolder,
  readGoldenArrays,
  relativeError,
} from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** As in the engine's golden test: a few times the reference's own rounding error. */
const tolerance = 1e-4;

for (const [checkpoint, cases] of goldenCasesByCheckpoint()) {
  const golden = cases.find(({ kind }) => kind === 'one-picture') ?? cases[0]!;
  test(`${checkpoint.split('/').at(-1)}, ${golden.kind}: visual tokens and logits equal the reference’s`, (t) =>
    compare(t, join(goldenFolder, checkpoint), golden));
}

async function compare(t: TestContext, checkpoint: string, golden: GoldenCase): Promise<void> {
  const folder = await temporaryFolder(t);
  await convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'int8' }); // for its token table
  const model = await openModelFolder(join(folder, 'model'));
  const { config, layout } = model.manifest;
  const parameters = modelParameters(config, layout);
  const checkpointWeights = await openCheckpointWeights(checkpoint);
  const source = floatSourceOf(checkpointWeights);
  const embedder = openTokenEmbedder(model);
  t.after(async () => {
    embedder.close();
    await source.close();
    await checkpointWeights.close();
  });
  const weights = publishedWeights(source, 'fp32');
  const place = { folder, signal: new AbortController().signal, onRun() {} };
  const arrays = await readGoldenArrays(golden);

  const tiles = await tilesOf(golden, model.manifest.config);
  const visualTokens = await runStages(visionStages(config, parameters), tiles, { weights, place });
  const width = config.decoder.hiddenSize;
  const seen = visualTokens.flatMap((tokens) => [...tokens]);
  const rows = [...arrays.visualTokenRows].flatMap((row) => seen.slice(row * width, (row + 1) * width));
  assert.ok(relativeError(Float32Array.from(rows), arrays.visualTokens) < tolerance, 'visual tokens');

  const ids = Int32Array.from([...golden.promptIds, ...golden.greedyIds]);
  const count = visualTokens.reduce((sum, tokens) => sum + tokens.length / width, 0);
  const start = golden.promptIds.findIndex((_, index, all) => isRun(all, index, count));
  const sequence: SampleSequence = {
    ids,
    slot: { start, firstTile: 0, tileCount: tiles.length },
    rows: [...arrays.logitPositions],
  };
  const [states] = await runStages(
    decoderStages(config, parameters),
    embedSequences([sequence], embedder, visualTokens),
    { weights, place },
  );
  const head = await openStage(headStage(config, parameters, 'logits'), weights, place);
  t.after(() => head.close());
  const picked = sequence.rows.flatMap((row) => [...states!.subarray(row * width, (row + 1) * width)]);
  const logits = await head.run(Float32Array.from(picked));
  assert.ok(relativeError(logits, arrays.logits) < tolerance, `${relativeError(logits, arrays.logits)}`);
}

/** Whether `count` equal ids stand from here on: the placeholders. */
function isRun(ids: number[], start: number, count: number): boolean {
  return ids.slice(start, start + count).every((id) => id === ids[start]) && start + count <= ids.length;
}

async function tilesOf(
  golden: GoldenCase,
  config: {
    vision: { imageSize: number };
    minTiles: number;
    useThumbnail: boolean;
  },
): Promise<Float32Array[]> {
  const tiles: Float32Array[] = [];
  const { minTiles, useThumbnail } = config;
  const tileSize = config.vision.imageSize;
  for (const { file } of golden.pictures) {
    const path = join(goldenFolder, 'cases', 'pictures', file);
    const picture = await decodePicture({ path }, { asReference: true });
    const made = makeTiles(picture, { tileSize, minTiles, maxTiles: golden.maxTiles, useThumbnail });
    for (let tile = 0; tile < made.tileCount; tile++) tiles.push(toPixelValues(made.pixels, tileSize, tile, 1));
  }
  return tiles;
}
