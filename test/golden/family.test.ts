/** Negative controls for the golden checkpoints of InternViT-6B and InternLM2 (engine.test.ts holds what must be equal). */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import type { ModelManifest } from '../../native-models/conversion/model-manifest.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { goldenFolder, relativeError } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answer, closeParts, noisePicture, userTurn } from '../support/tiny-model.ts';

/** What engine.test.ts allows. */
const tolerance = 1e-4;

const checkpointOf = (name: string) => join(goldenFolder, 'checkpoints', name);

/** Visual tokens of one tile, and logits of a few embeddings, of a checkpoint whose manifest was changed. */
async function look(t: TestContext, name: string, change: (manifest: ModelManifest) => void = () => {}) {
  const out = join(await temporaryFolder(t), 'model');
  const { manifest } = await convertCheckpoint({ checkpoint: checkpointOf(name), out, precision: 'fp32' });
  change(manifest);
  await writeFile(join(out, 'manifest.json'), JSON.stringify(manifest));
  const { parts } = await openModelParts(out);
  const random = createRandom(1);
  const noise = (count: number) => Float32Array.from({ length: count }, () => 2 * random() - 1);
  const { imageSize } = manifest.config.vision;
  const visual = await parts.vision.encode(noise(3 * imageSize ** 2), 1, (work) => work());
  const logits = await parts.decoder.run({
    hidden: noise(6 * manifest.config.decoder.hiddenSize),
    positions: Float32Array.from({ length: 6 }, (_, position) => position),
    cache: parts.decoder.createCache(),
    logitRows: [5],
  });
  await closeParts(parts);
  return { visual, logits };
}

const swap = (one: string, other: string) => (manifest: ModelManifest) => {
  const { tensors } = manifest;
  [tensors[one], tensors[other]] = [tensors[other]!, tensors[one]!];
};

test('InternViT-6B: the query norm of another layer would be noticed', async (t) => {
  const name = 'g5-d128-t56-bf16-6b';
  const right = await look(t, name);
  const wrong = await look(t, name, swap('vision.0.q_norm.weight', 'vision.1.q_norm.weight'));
  assert.ok(relativeError(wrong.visual, right.visual) > tolerance);
  assert.ok(relativeError(wrong.logits, right.logits) === 0);
});

const published = 'g4-d32-t56-bf16-internlm2';
const linear = 'g3-d32-t56-fp32-internlm2-linear';
const otherWays: [what: string, name: string, change: (manifest: ModelManifest) => void][] = [
  ['q, k and v side by side, as Qwen2 has them', published, ({ config }) => Object.assign(config.decoder, { architecture: 'qwen2' })],
  ['positions that are not divided', linear, ({ config }) => Object.assign(config.decoder, { ropeFactor: 1 })],
  ['another base of the angles', published, ({ config }) => Object.assign(config.decoder, { ropeTheta: 4e7 })],
];
for (const [what, name, change] of otherWays) {
  test(`InternLM2: ${what}, would be noticed`, async (t) => {
    const right = await look(t, name);
    const wrong = await look(t, name, change);
    assert.ok(relativeError(wrong.logits, right.logits) > tolerance);
  });
}

test('both networks answer in every precision', async (t) => {
  for (const name of ['g8-d128-t56-bf16-6b-hf', published]) {
    for (const precision of ['fp16', 'int8', 'int4'] as const) {
      const out = join(await temporaryFolder(t), 'model');
      await convertCheckpoint({ checkpoint: checkpointOf(name), out, precision });
      const { parts, description } = await openModelParts(out);
      const picture = noisePicture(description, { width: 120, height: 60 });
      const { end } = await answer(parts, {
        messages: [userTurn('What is the number?', picture)],
        generation: { maxNewTokens: 12 },
      });
      assert.ok(end.tokenIds.length > 0 && end.text.length > 0, `${name} in ${precision}`);
      await closeParts(parts);
    }
  }
});
