/** A random checkpoint whose vision half has loud channels, as trained encoders do: what int8 activations find hard. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../native-models/inference/random.ts';
import { tinyCheckpoint } from './tiny-model.ts';
import { type TensorToWrite, writeSafetensors } from './write-safetensors.ts';

/** InternVL3-1B made small in every direction, so that vision and decoder keep their shares of the bytes. */
const vision = { hidden: 128, intermediate: 512, layers: 6, heads: 4, tile: 112 };
const language = { hidden: 128, intermediate: 1024, heads: 4, kvHeads: 2, headDim: 32, rows: 320 };

/** Size of what enters a residual stream. */
const quiet = 0.05;

/** Writes `folder`/checkpoint; with `loudness` 20, 1 % of the vision layers' output channels get 20 times the rest. */
export async function writeFidelityCheckpoint(
  folder: string,
  { loudness, languageLayers = 3 }: { loudness: number; languageLayers?: number },
): Promise<string> {
  const checkpoint = join(folder, 'checkpoint');
  await cp(tinyCheckpoint, checkpoint, { recursive: true });
  const config = JSON.parse(await readFile(join(checkpoint, 'config.json'), 'utf8'));
  Object.assign(config.vision_config, {
    hidden_size: vision.hidden,
    intermediate_size: vision.intermediate,
    num_hidden_layers: vision.layers,
    num_attention_heads: vision.heads,
  });
  Object.assign(config.llm_config, {
    hidden_size: language.hidden,
    intermediate_size: language.intermediate,
    num_hidden_layers: languageLayers,
    num_attention_heads: language.heads,
    num_key_value_heads: language.kvHeads,
    head_dim: language.headDim,
  });
  await writeFile(join(checkpoint, 'config.json'), JSON.stringify(config));
  const weights = randomWeights(7);
  addVision(weights);
  makeLoud(weights.tensors, loudness);
  addLanguage(weights, languageLayers);
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, { values, shape }] of weights.tensors) {
    tensors.set(name, { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) });
  }
  await writeSafetensors(join(checkpoint, 'model.safetensors'), tensors);
  return checkpoint;
}

type Tensors = Map<string, { values: Float32Array; shape: number[] }>;

function randomWeights(seed: number) {
  const random = createRandom(seed);
  const tensors: Tensors = new Map();
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const add = (name: string, shape: number[], value: () => number) => {
    const size = shape.reduce((product, side) => product * side, 1);
    tensors.set(name, { values: Float32Array.from({ length: size }, value), shape });
  };
  const linear = (name: string, sizes: { rows: number; columns: number; gain?: number; bias?: boolean }) => {
    const { rows, columns, gain = 1, bias = true } = sizes;
    add(`${name}.weight`, [rows, columns], () => (normal() * gain) / Math.sqrt(columns));
    if (bias) add(`${name}.bias`, [rows], () => normal() * gain * 0.3);
  };
  const norm = (name: string, width: number, { bias = true } = {}) => {
    add(`${name}.weight`, [width], () => 1 + 0.2 * normal());
    if (bias) add(`${name}.bias`, [width], () => 0.1 * normal());
  };
  return { tensors, normal, random, add, linear, norm };
}

type Weights = ReturnType<typeof randomWeights>;

function addVision({ normal, random, add, linear, norm }: Weights): void {
  const { hidden, intermediate, layers, tile } = vision;
  const embeddings = 'vision_model.embeddings';
  add(`${embeddings}.class_embedding`, [1, 1, hidden], () => normal() * quiet);
  add(`${embeddings}.patch_embedding.weight`, [hidden, 3, 14, 14], () => (normal() * quiet) / 14);
  add(`${embeddings}.patch_embedding.bias`, [hidden], () => normal() * quiet);
  add(`${embeddings}.position_embedding`, [1, (tile / 14) ** 2 + 1, hidden], () => normal() * quiet);
  for (let index = 0; index < layers; index++) {
    const layer = `vision_model.encoder.layers.${index}`;
    linear(`${layer}.attn.qkv`, { rows: 3 * hidden, columns: hidden });
    linear(`${layer}.attn.proj`, { rows: hidden, columns: hidden, gain: quiet });
    linear(`${layer}.mlp.fc1`, { rows: intermediate, columns: hidden });
    linear(`${layer}.mlp.fc2`, { rows: hidden, columns: intermediate, gain: quiet });
    for (const part of [1, 2]) {
      norm(`${layer}.norm${part}`, hidden);
      add(`${layer}.ls${part}`, [hidden], () => 0.1 + 0.9 * random());
    }
  }
  norm('mlp1.0', 4 * hidden);
  linear('mlp1.1', { rows: language.hidden, columns: 4 * hidden });
  linear('mlp1.3', { rows: language.hidden, columns: language.hidden });
}

/** 1 % of the channels, at least one, of all that layers put out: into the residual stream and between fc1 and fc2. */
function makeLoud(tensors: Tensors, loudness: number): void {
  for (const [name, { values, shape }] of tensors) {
    if (!/\.(attn\.proj|mlp\.fc[12])\./.test(name)) continue;
    const rows = shape[0]!;
    const width = values.length / rows;
    const count = Math.ceil(rows / 100);
    for (let loud = 0; loud < count; loud++) {
      const row = Math.floor(((loud + 0.5) * rows) / count);
      for (let i = row * width; i < (row + 1) * width; i++) values[i]! *= loudness;
    }
  }
}

function addLanguage({ normal, add, linear, norm }: Weights, layers: number): void {
  const { hidden, intermediate, heads, kvHeads, headDim, rows } = language;
  const model = 'language_model.model';
  add('language_model.lm_head.weight', [rows, hidden], () => (normal() * 3) / Math.sqrt(hidden));
  add(`${model}.embed_tokens.weight`, [rows, hidden], normal);
  for (let index = 0; index < layers; index++) {
    const layer = `${model}.layers.${index}`;
    const kv = { rows: kvHeads * headDim, columns: hidden };
    linear(`${layer}.self_attn.q_proj`, { rows: heads * headDim, columns: hidden });
    linear(`${layer}.self_attn.k_proj`, kv);
    linear(`${layer}.self_attn.v_proj`, kv);
    linear(`${layer}.self_attn.o_proj`, { rows: hidden, columns: heads * headDim, bias: false });
    linear(`${layer}.mlp.gate_proj`, { rows: intermediate, columns: hidden, bias: false });
    linear(`${layer}.mlp.up_proj`, { rows: intermediate, columns: hidden, bias: false });
    linear(`${layer}.mlp.down_proj`, { rows: hidden, columns: intermediate, bias: false });
    norm(`${layer}.input_layernorm`, hidden, { bias: false });
    norm(`${layer}.post_attention_layernorm`, hidden, { bias: false });
  }
  norm(`${model}.norm`, hidden, { bias: false });
}
