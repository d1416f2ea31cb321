/** Reads a checkpoint's config.json, in either published layout, into one ModelConfig, or says why the model can't run here. */
import type { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig, ModelConfig, VisionConfig } from '../architectures/model-config.ts';
import type { CheckpointLayout } from '../architectures/parameters.ts';
import { systemTextFor } from '../text/chat-template.ts';
import { readTextFile } from '../weights/plain-file.ts';
import { shownName } from '../weights/shown-name.ts';
import { findContradiction } from './config-contradiction.ts';
import {
  hfForm,
  originalForm,
  preprocessorForm,
  type qwen2Form,
  type sideOrPair,
  type visionForm,
} from './config-forms.ts';
import { maxNameLength } from './model-manifest.ts';

/** A config.json is a few kilobytes; anything larger is not one. */
const maxConfigBytes = 4 * 1024 * 1024;

/** What config.json and its neighbours say. */
export interface CheckpointConfig {
  layout: CheckpointLayout;
  name: string;
  config: ModelConfig;
  /** What the model was trained to read first; null for `-hf`, whose template has none. */
  systemText: string | null;
}

/**
 * Reads a checkpoint folder's config.
 * @throws AppError `not_found` without config.json, `checkpoint_broken` for a malformed one, `file_unreadable` or
 * `path_refused` for one that can't be read, `checkpoint_unsupported` for an architecture that can't run here, naming it
 */
export async function readCheckpointConfig(folder: string): Promise<CheckpointConfig> {
  const json = await readJson(folder, 'config.json');
  if (json === undefined) {
    throw new AppError('not_found', 'This folder is no checkpoint: its config.json is missing.');
  }
  const type = (json as { model_type?: unknown } | null)?.model_type;
  if (type === 'internvl_chat') return readOriginal(parse(originalForm, json, 'config.json'));
  if (type === 'internvl') {
    const limits = parse(
      preprocessorForm,
      (await readJson(folder, 'preprocessor_config.json')) ?? {},
      'preprocessor_config.json',
    );
    return readHf(parse(hfForm, json, 'config.json'), limits);
  }
  throw unsupported(`its model_type is ${typeof type === 'string' ? shownName(type) : 'not given'}`);
}

function readOriginal(json: z.infer<typeof originalForm>): CheckpointConfig {
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
    name: json._name_or_path?.split(/[\\/]/).at(-1)?.slice(0, maxNameLength) || 'InternVL3',
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
    systemText: systemTextFor({
      layout: 'original',
      template: json.template,
      systemMessage: json.system_message ?? null,
    }),
  };
}

function readHf(json: z.infer<typeof hfForm>, limits: z.infer<typeof preprocessorForm>): CheckpointConfig {
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
    systemText: systemTextFor({ layout: 'hf', template: null }),
  };
}

function visionConfigOf(json: z.infer<typeof visionForm>, qkvBias: boolean): VisionConfig {
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

function decoderConfigOf(json: z.infer<typeof qwen2Form>, tiedEmbeddings: boolean): DecoderConfig {
  const architecture = json.architectures?.[0] ?? json.model_type ?? 'unknown';
  if (!/qwen2/i.test(architecture)) throw unsupported(`its language model is ${architecture}`);
  if (json.hidden_act !== 'silu') throw unsupported(`its language model's activation is ${json.hidden_act}`);
  if (json.use_sliding_window) throw unsupported('its language model attends in a sliding window');
  // Older configs name it in rope_scaling, transformers 5 in rope_parameters.
  for (const scaling of [
    json.rope_scaling?.type ?? json.rope_scaling?.rope_type ?? 'default',
    json.rope_parameters?.rope_type ?? 'default',
  ]) {
    // Dynamic scaling is the identity up to the trained length, and longer contexts are refused.
    if (scaling !== 'dynamic' && scaling !== 'default') throw unsupported(`its rope scaling is ${scaling}`);
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
  const text = await readTextFile({ folder, name: file, maxBytes: maxConfigBytes });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
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
