/** A fine-tune whose LoRA adapters lie beside its weights converts to what the merged fine-tune converts to. */
import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { openCheckpointWeights } from '../../native-models/weights/checkpoint-weights.ts';
import { goldenFolder } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type TensorToWrite, writeSafetensors } from '../support/write-safetensors.ts';

const published = join(goldenFolder, 'checkpoints', 'g1-d32-t56-bf16');
const rank = 3;
/** What InternVL's training code wraps: the language model's and the vision model's linear layers. */
const wrapped =
  /^(language_model|vision_model)\.(.+\.(?:[qkvo]_proj|gate_proj|up_proj|down_proj|qkv|proj|fc1|fc2))\.(weight|bias)$/;

interface FloatTensor {
  shape: readonly number[];
  values: Float32Array;
}

interface Pair {
  merged: Map<string, FloatTensor>;
  beside: Map<string, FloatTensor>;
}

/** The same fine-tune twice: weights with the change summed in, and weights with adapters beside them. */
async function makePair(): Promise<Pair> {
  const weights = await openCheckpointWeights(published);
  const random = createRandom(11);
  const pair: Pair = { merged: new Map(), beside: new Map() };
  const noise = (shape: number[]): FloatTensor => ({
    shape,
    values: Float32Array.from({ length: shape[0]! * shape[1]! }, () => random() * 0.2 - 0.1),
  });
  for (const [name, { shape }] of weights.tensors) {
    const values = await weights.readFloat32(name, shape);
    const [, model, layer, kind] = wrapped.exec(name) ?? [];
    const base = model ? `${model}.base_model.model.${layer}.base_layer.${kind}` : name;
    pair.beside.set(base, { shape, values });
    pair.merged.set(name, { shape, values });
    if (kind !== 'weight') continue;
    const [outputs = 0, inputs = 0] = shape;
    const [a, b] = [noise([rank, inputs]), noise([outputs, rank])];
    pair.beside.set(`${model}.base_model.model.${layer}.lora_A.default.weight`, a);
    pair.beside.set(`${model}.base_model.model.${layer}.lora_B.default.weight`, b);
    pair.merged.set(name, { shape, values: mergedBy(values, a, b) });
  }
  await weights.close();
  return pair;
}

function mergedBy(values: Float32Array, a: FloatTensor, b: FloatTensor): Float32Array {
  const inputs = a.shape[1]!;
  return values.map((value, at) => {
    let change = 0;
    for (let r = 0; r < rank; r++) {
      change += b.values[Math.floor(at / inputs) * rank + r]! * a.values[r * inputs + (at % inputs)]!;
    }
    return value + 2 * change;
  });
}

async function convert(t: TestContext, tensors: Map<string, FloatTensor>): Promise<string> {
  const folder = await temporaryFolder(t);
  const checkpoint = join(folder, 'checkpoint');
  await cp(published, checkpoint, { recursive: true });
  const written = [...tensors].map(([name, { shape, values }]): [string, TensorToWrite] => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return [name, { dtype: 'F32', shape: [...shape], bytes }];
  });
  await writeSafetensors(join(checkpoint, 'model.safetensors'), new Map(written));
  await convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'fp32' });
  return join(folder, 'model');
}

async function valuesOf(folder: string, file: string): Promise<Float32Array> {
  const bytes = await readFile(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

test('adapters beside the weights are summed into them, in vision and decoder', async (t) => {
  const { merged, beside } = await makePair();
  const [plain, summed] = [await convert(t, merged), await convert(t, beside)];
  const manifest = JSON.parse(await readFile(join(plain, 'manifest.json'), 'utf8')) as {
    files: { name: string; sizeBytes: number }[];
  };
  const weightFiles = manifest.files.filter(({ name }) => name.endsWith('.bin'));
  assert.ok(weightFiles.length > 0);
  for (const { name, sizeBytes } of weightFiles) {
    if (sizeBytes % 4 !== 0) continue;
    const [expected, found] = [await valuesOf(plain, name), await valuesOf(summed, name)];
    assert.equal(found.length, expected.length);
    const error = expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i]!)), 0);
    assert.ok(error < 1e-6, `${name} differs by ${error}`);
  }
  // Without the adapters the same weights are far away, so the comparison above can fail.
  for (const name of [...beside.keys()]) if (name.includes('.lora_')) beside.delete(name);
  const bare = await convert(t, beside);
  const decoder = weightFiles.find(({ name }) => name.includes('decoder'))!.name;
  const [expected, found] = [await valuesOf(plain, decoder), await valuesOf(bare, decoder)];
  assert.ok(expected.some((value, i) => Math.abs(value - found[i]!) > 1e-3));
});

test('half an adapter, and one that does not fit its weight, are broken checkpoints', async (t) => {
  const { beside } = await makePair();
  const name = [...beside.keys()].find((key) => key.includes('q_proj.lora_A'))!;
  const { shape, values } = beside.get(name)!;
  beside.delete(name);
  await assert.rejects(convert(t, beside), { code: 'checkpoint_broken', message: /one half of a LoRA/ });
  beside.set(name, {
    shape: [shape[0]!, shape[1]! - 1],
    values: values.slice(0, shape[0]! * (shape[1]! - 1)),
  });
  await assert.rejects(convert(t, beside), { code: 'checkpoint_broken', message: /does not fit its weight/ });
});
