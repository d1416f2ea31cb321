/** A published-looking checkpoint of any shape with random weights, made on the spot; what it says means nothing. */
import { cp, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenTableSource } from '../../native-models/architectures/decoder.ts';
import type { Parameter } from '../../native-models/architectures/parameters.ts';
import { readCheckpointConfig } from '../../native-models/conversion/checkpoint-config.ts';
import { modelParameters } from '../../native-models/conversion/model-parameters.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { tinyCheckpoint } from './tiny-model.ts';

/** Keys of config.json to write over the tiny checkpoint's. */
export interface CheckpointShape {
  llm: Record<string, number>;
  vision: Record<string, number>;
  tileSize: number;
}

/** Six narrow layers, enough for three stages. */
export const sixLayers: CheckpointShape = { llm: { num_hidden_layers: 6 }, vision: {}, tileSize: 112 };

/** As wide as InternVL3-1B and as large its vocabulary, but two layers of each network. */
export const fullWidth: CheckpointShape = {
  llm: {
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 2,
    num_attention_heads: 14,
    num_key_value_heads: 2,
    head_dim: 64,
    vocab_size: 151_674,
  },
  vision: {
    hidden_size: 1024,
    intermediate_size: 4096,
    num_attention_heads: 16,
    num_hidden_layers: 2,
    image_size: 448,
  },
  tileSize: 448,
};

/** Values drawn once and repeated: drawing each of a billion would take minutes. */
const drawnValues = 1 << 18;

/** Writes the checkpoint to a new folder and gives its path: bf16, with the tiny checkpoint's tokenizer. */
export async function makeRandomCheckpoint(
  parent: string,
  shape: CheckpointShape,
  seed = 1,
): Promise<string> {
  const folder = join(parent, 'checkpoint');
  await mkdir(folder);
  const isWeights = (path: string) => path.endsWith('.safetensors');
  await cp(tinyCheckpoint, folder, { recursive: true, filter: (path) => !isWeights(path) });
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  Object.assign(config.llm_config, shape.llm);
  Object.assign(config.vision_config, shape.vision);
  config.force_image_size = shape.tileSize;
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeRandomWeights(folder, seed);
  return folder;
}

async function writeRandomWeights(folder: string, seed: number): Promise<void> {
  const { config, layout } = await readCheckpointConfig(folder);
  const { vision, decoder, lmHead } = modelParameters(config, layout);
  const { vocabularySize, hiddenSize } = config.decoder;
  const tensors = new Map<string, number[]>([
    [tokenTableSource(config.decoder), [vocabularySize, hiddenSize]],
    ...[...vision, ...decoder, lmHead].flatMap(sourcesOf),
  ]);
  let end = 0;
  const entries = [...tensors].map(([name, dims]): [string, object] => {
    const begin = end;
    end += 2 * product(dims);
    return [name, { dtype: 'BF16', shape: dims, data_offsets: [begin, end] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = await open(join(folder, 'model.safetensors'), 'w');
  try {
    await file.writev([length, header]);
    const random = createRandom(seed);
    for (const [name, dims] of tensors) {
      const drawn = drawnBytes(name, dims, random);
      for (let left = 2 * product(dims); left > 0; left -= drawn.length)
        await file.write(drawn, 0, Math.min(drawn.length, left));
    }
  } finally {
    await file.close();
  }
}

function product(dims: readonly number[]): number {
  return dims.reduce((all, each) => all * each, 1);
}

/** A parameter's tensors as a checkpoint has them. */
function sourcesOf(parameter: Parameter): [string, number[]][] {
  if (parameter.kind === 'tensor') return [[parameter.source, parameter.shape]];
  const { weight, bias = [], rowScale, inputs } = parameter;
  const rows = weight.reduce((sum, part) => sum + part.rows, 0);
  return [
    ...weight.map((part): [string, number[]] => [part.source, [part.rows, inputs]]),
    ...bias.map((source, index): [string, number[]] => [source, [weight[index]!.rows]]),
    ...(rowScale === undefined ? [] : ([[rowScale, [rows]]] as [string, number[]][])),
  ];
}

/** Matrices keep activations near 1, norms are near 1, biases small: bf16 is the upper half of a float. */
function drawnBytes(name: string, dims: readonly number[], random: () => number): Uint8Array {
  const isNorm = dims.length === 1 && name.endsWith('weight');
  const spread = dims.length >= 2 ? Math.sqrt(12 / dims.at(-1)!) : 0.1;
  const count = Math.min(product(dims), drawnValues);
  const values = Float32Array.from({ length: count }, () => (isNorm ? 1 : 0) + spread * (random() - 0.5));
  const halves = Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16);
  return new Uint8Array(halves.buffer);
}
