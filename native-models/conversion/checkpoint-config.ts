/** Reads a checkpoint's config.json, in either published layout, into one ModelConfig, or says why the model can't run here. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig, ModelConfig, VisionConfig } from '../architectures/model-config.ts';
import type { CheckpointLayout } from '../architectures/parameters.ts';
import { findContradiction } from './config-contradiction.ts';

/** A config.json is a few kilobytes; anything larger is not one. */
const maxConfigBytes = 4 * 1024 * 1024;

/** What config.json and its neighbours say. */
export interface CheckpointConfig {
  layout: CheckpointLayout;
  name: string;
  config: ModelConfig;
  /** The conversation template's name in the originals; null for `-hf`. */
  template: string | null;
}

const size = z.int().positive().max(1_000_000);
/** The 78B model has 80: what a config promises is listed tensor by tensor, so it must not promise a million. */
const layerCount = z.int().positive().max(512);
/** Largest tile the media process makes. */
const pixels = z.int().positive().max(4096);
const sideOrPair = z.union([pixels, z.tuple([pixels, pixels])]);
const ratio = z.number().positive().max(1);
const ropeScaling = z
  .object({ type: z.string().optional(), rope_type: z.string().optional(), factor: z.number().optional() })
  .nullish();

const qwen2 = z.object({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  num_key_value_heads: size.optional(),
  head_dim: size.nullish(),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeScaling,
  rope_parameters: z
    .object({ rope_type: z.string().optional(), rope_theta: z.number().positive().optional() })
    .nullish(),
  vocab_size: size,
  tie_word_embeddings: z.boolean().optional(),
  max_position_embeddings: size.default(32768),
  hidden_act: z.string().default('silu'),
  use_sliding_window: z.boolean().nullish(),
});

const vision = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  image_size: sideOrPair,
  patch_size: sideOrPair,
  layer_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.string().default('gelu'),
  norm_type: z.string().default('layer_norm'),
  qkv_bias: z.boolean().optional(),
  attention_bias: z.boolean().optional(),
  qk_normalization: z.boolean().optional(),
  use_qk_norm: z.boolean().optional(),
  use_mean_pooling: z.boolean().optional(),
});

const original = z.object({
  model_type: z.literal('internvl_chat'),
  _name_or_path: z.string().optional(),
  vision_config: vision,
  llm_config: qwen2,
  force_image_size: size.nullish(),
  downsample_ratio: ratio.default(0.5),
  ps_version: z.string().default('v2'),
  select_layer: z.int().default(-1),
  use_thumbnail: z.boolean().default(true),
  min_dynamic_patch: size.default(1),
  max_dynamic_patch: size.default(12),
  tie_word_embeddings: z.boolean().optional(),
  template: z.string().default('internvl2_5'),
});

const hf = z.object({
  model_type: z.literal('internvl'),
  vision_config: vision,
  text_config: qwen2,
  downsample_ratio: ratio.default(0.5),
  vision_feature_layer: z.int().default(-1),
  tie_word_embeddings: z.boolean().optional(),
});

/** transformers keeps the `-hf` layout's tile limits with the image processor. */
const preprocessor = z.object({ min_patches: size.default(1), max_patches: size.default(12) });

/**
 * Reads a checkpoint folder's config.
 * @throws AppError `not_found` without config.json, `checkpoint_broken` for a malformed one,
 * `checkpoint_unsupported` for an architecture that can't run here, naming it
 */
export async function readCheckpointConfig(folder: string): Promise<CheckpointConfig> {
  const json = await readJson(folder, 'config.json');
  if (json === undefined) {
    throw new AppError('not_found', 'This folder is no checkpoint: its config.json is missing.');
  }
  const type = (json as { model_type?: unknown } | null)?.model_type;
  if (type === 'internvl_chat') return readOriginal(parse(original, json, 'config.json'));
  if (type === 'internvl') {
    const limits = parse(
      preprocessor,
      (await readJson(folder, 'preprocessor_config.json')) ?? {},
      'preprocessor_config.json',
    );
    return readHf(parse(hf, json, 'config.json'), limits);
  }
  throw unsupported(`its model_type is ${typeof type === 'string' ? `"${type.slice(0, 60)}"` : 'not given'}`);
}

function readOriginal(json: z.infer<typeof original>): CheckpointConfig {
  if (json.select_layer !== -1) throw unsupported(`it takes vision layer ${json.select_layer}, not the last`);
  if (json.ps_version !== 'v2') throw unsupported(`its pixel shuffle is ${json.ps_version}`);
  const imageSize = sideOf(json.vision_config.image_size, 'image_size');
  if (json.force_image_size && json.force_image_size !== imageSize) {
    throw unsupported(
      `force_image_size ${json.force_image_size} differs from the vision model's ${imageSize}`,
    );
  }
  return {
    layout: 'original',
    name: json._name_or_path?.split(/[\\/]/).at(-1)?.slice(0, 100) || 'InternVL3',
    config: checked({
      vision: visionConfigOf(json.vision_config, json.vision_config.qkv_bias ?? true),
      decoder: decoderConfigOf(
        json.llm_config,
        json.llm_config.tie_word_embeddings ?? json.tie_word_embeddings ?? false,
      ),
      downsampleRatio: json.downsample_ratio,
      minTiles: json.min_dynamic_patch,
      maxTiles: json.max_dynamic_patch,
      useThumbnail: json.use_thumbnail,
    }),
    template: json.template,
  };
}

function readHf(json: z.infer<typeof hf>, limits: z.infer<typeof preprocessor>): CheckpointConfig {
  if (json.vision_feature_layer !== -1)
    throw unsupported(`it takes vision layer ${json.vision_feature_layer}, not the last`);
  if (json.vision_config.use_mean_pooling === false)
    throw unsupported('its vision model ends with a norm of its own');
  return {
    layout: 'hf',
    name: 'InternVL3-hf',
    config: checked({
      vision: visionConfigOf(json.vision_config, json.vision_config.attention_bias ?? false),
      decoder: decoderConfigOf(
        json.text_config,
        json.tie_word_embeddings ?? json.text_config.tie_word_embeddings ?? false,
      ),
      downsampleRatio: json.downsample_ratio,
      minTiles: limits.min_patches,
      maxTiles: limits.max_patches,
      useThumbnail: true,
    }),
    template: null,
  };
}

function visionConfigOf(json: z.infer<typeof vision>, qkvBias: boolean): VisionConfig {
  if (json.norm_type !== 'layer_norm') throw unsupported(`its vision norm is ${json.norm_type}`);
  if (json.qk_normalization || json.use_qk_norm)
    throw unsupported('its vision attention normalises queries and keys');
  if (json.hidden_act !== 'gelu') throw unsupported(`its vision activation is ${json.hidden_act}`);
  return {
    hiddenSize: json.hidden_size,
    intermediateSize: json.intermediate_size,
    layerCount: json.num_hidden_layers,
    headCount: json.num_attention_heads,
    imageSize: sideOf(json.image_size, 'image_size'),
    patchSize: sideOf(json.patch_size, 'patch_size'),
    layerNormEpsilon: json.layer_norm_eps,
    qkvBias,
  };
}

function decoderConfigOf(json: z.infer<typeof qwen2>, tiedEmbeddings: boolean): DecoderConfig {
  const architecture = json.architectures?.[0] ?? json.model_type ?? 'unknown';
  if (!/qwen2/i.test(architecture)) throw unsupported(`its language model is ${architecture.slice(0, 60)}`);
  if (json.hidden_act !== 'silu') throw unsupported(`its language model's activation is ${json.hidden_act}`);
  if (json.use_sliding_window) throw unsupported('its language model attends in a sliding window');
  // Older configs name it in rope_scaling, transformers 5 in rope_parameters.
  for (const scaling of [
    json.rope_scaling?.type ?? json.rope_scaling?.rope_type ?? 'default',
    json.rope_parameters?.rope_type ?? 'default',
  ]) {
    // Dynamic scaling is the identity up to the trained length, and longer contexts are refused.
    if (scaling !== 'dynamic' && scaling !== 'default')
      throw unsupported(`its rope scaling is ${scaling.slice(0, 60)}`);
  }
  return {
    hiddenSize: json.hidden_size,
    intermediateSize: json.intermediate_size,
    layerCount: json.num_hidden_layers,
    headCount: json.num_attention_heads,
    kvHeadCount: json.num_key_value_heads ?? json.num_attention_heads,
    headDim: json.head_dim ?? json.hidden_size / json.num_attention_heads,
    rmsNormEpsilon: json.rms_norm_eps,
    ropeTheta: json.rope_theta ?? json.rope_parameters?.rope_theta ?? 10000,
    vocabularySize: json.vocab_size,
    tiedEmbeddings,
    contextLength: json.max_position_embeddings,
  };
}

/** A config that says otherwise would fail deep inside a graph. */
function checked(config: ModelConfig): ModelConfig {
  const contradiction = findContradiction(config);
  if (contradiction === null) return config;
  throw new AppError('checkpoint_broken', `config.json contradicts itself: ${contradiction}.`);
}

function sideOf(value: z.infer<typeof sideOrPair>, what: string): number {
  if (typeof value === 'number') return value;
  if (value[0] !== value[1]) throw unsupported(`its ${what} is not square`);
  return value[0];
}

async function readJson(folder: string, file: string): Promise<unknown> {
  const found = await stat(join(folder, file)).catch(() => null);
  if (!found) return undefined;
  if (!found.isFile() || found.size > maxConfigBytes)
    throw new AppError('checkpoint_broken', `${file} is not a config file.`);
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8'));
  } catch {
    throw new AppError('checkpoint_broken', `${file} is not valid JSON. Get the checkpoint again.`);
  }
}

function parse<S extends z.ZodType>(schema: S, json: unknown, file: string): z.output<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError(
    'checkpoint_broken',
    `${file} is not valid at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? ''}.`,
  );
}

function unsupported(why: string): AppError {
  return new AppError('checkpoint_unsupported', `This model can't run here: ${why}.`);
}
