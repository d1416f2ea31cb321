/** Embeddings of the demo model: a picture's copy is nearest to its original; a text's is the mean of its tokens. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import type {
  EmbeddingRequest,
  VisionLanguageModel,
} from '../../native-models/inference/generation-types.ts';
import { openModel } from '../../native-models/inference/vision-language-model.ts';
import { decodePicture, type PictureSource } from '../../native-models/media/decode-picture.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { worseCopyOf } from '../support/worse-copy.ts';

const root = join(import.meta.dirname, '../..');
const heldOut = join(root, 'test/golden/held-out');
let model: VisionLanguageModel;

async function embed(part: EmbeddingRequest['part']): Promise<{ vector: Float32Array; tokenCount: number }> {
  for await (const event of model.embed({ part }, new AbortController().signal)) {
    if (event.type === 'embedding') return event;
  }
  throw new Error('no embedding came');
}

async function embedPicture(source: PictureSource): Promise<Float32Array> {
  const { tileSize } = model.description;
  const oneTile = { tileSize, minTiles: 1, maxTiles: 1, useThumbnail: true };
  const picture = makeTiles(await decodePicture(source), oneTile);
  return (await embed({ type: 'pictures', pictures: [picture] })).vector;
}

const likeness = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);

before(async () => {
  const folder = join(await temporaryFolder({ after }), 'model');
  await convertCheckpoint({
    checkpoint: join(root, 'assets/embedded-model'),
    out: folder,
    precision: 'int4',
  });
  model = await openModel(folder);
});
after(() => model.close());

test('a rescaled, recompressed, cropped copy finds its original among 60 alike drawings in at least 19 of 20', async (t) => {
  const drawings = readFileSync(join(heldOut, 'held-out.jsonl'), 'utf8').trim().split('\n');
  const files = drawings
    .filter((_, at) => at % 5 === 0)
    .map((line) => join(heldOut, (JSON.parse(line) as { file: string }).file));
  assert.equal(files.length, 60);
  const originals: Float32Array[] = [];
  for (const path of files) originals.push(await embedPicture({ path }));
  let found = 0;
  for (const [index, path] of files.entries()) {
    const copy = await embedPicture({ bytes: await worseCopyOf(path) });
    const alike = originals.map((original) => likeness(original, copy));
    if (alike.indexOf(Math.max(...alike)) === index) found += 1;
  }
  t.diagnostic(`${found} of 60 copies found their original`);
  assert.ok(found >= 57, `${found} of 60`);
});

test('vectors have length 1 and the width of the language model', async () => {
  const vector = await embedPicture({ path: join(root, 'assets/samples/receipt.png') });
  assert.ok(Math.abs(likeness(vector, vector) - 1) < 1e-5);
  const { vector: words, tokenCount } = await embed({ type: 'text', text: 'total amount' });
  assert.equal(words.length, vector.length);
  assert.equal(tokenCount, model.encodeText('total amount').length);
});

test('a text is its tokens, whatever their order, and other words are further away', async () => {
  const of = async (text: string) => (await embed({ type: 'text', text })).vector;
  const [first, turned] = [' total amount', ' amount total'];
  const sorted = (text: string) => model.encodeText(text).toSorted();
  assert.deepEqual(sorted(first), sorted(turned));
  const asked = await of(first);
  assert.ok(likeness(asked, await of(first)) > 1 - 1e-6);
  assert.ok(likeness(asked, await of(turned)) > 1 - 1e-6);
  assert.ok(likeness(asked, await of('xyz')) < 0.99);
});

test('nothing, and more than the context holds, is refused', async () => {
  await assert.rejects(embed({ type: 'text', text: '' }), { code: 'invalid_request' });
  const long = 'word '.repeat(model.description.contextLength);
  await assert.rejects(embed({ type: 'text', text: long }), { code: 'context_too_long' });
});
