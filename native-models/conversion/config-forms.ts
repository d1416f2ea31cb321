/** The forms of a checkpoint's config files, with the limits that keep a stranger's numbers and names harmless. */
import { z } from 'zod';
import { maxSystemTextLength } from './model-manifest.ts';

/** Names of parts and ways end up in messages: short, and nothing in them that a terminal would obey. */
const word = z.string().regex(/^[ -~]{0,100}$/);
const size = z.int().positive().max(1_000_000);
/** The 78B model has 80: what a config promises is listed tensor by tensor, so it must not promise a million. */
const layerCount = z.int().positive().max(512);
/** Largest tile the media process makes. */
const pixels = z.int().positive().max(4096);
export const sideOrPair = z.union([pixels, z.tuple([pixels, pixels])]);
const ratio = z.number().positive().max(1);
const factor = z.number().min(1).max(1000).optional();
const ropeScaling = z.object({ type: word.optional(), rope_type: word.optional(), factor }).nullish();

/** Of Qwen2 and InternLM2: the same words for the same things. */
export const decoderForm = z.object({
  model_type: word.optional(),
  architectures: z.array(word).nullish(),
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
    .object({ rope_type: word.optional(), rope_theta: z.number().positive().optional(), factor })
    .nullish(),
  vocab_size: size,
  tie_word_embeddings: z.boolean().optional(),
  max_position_embeddings: size.default(32768),
  hidden_act: word.default('silu'),
  use_sliding_window: z.boolean().nullish(),
  /** InternLM2's, for q, k, v and output. */
  bias: z.boolean().optional(),
});

export const visionForm = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  image_size: sideOrPair,
  patch_size: sideOrPair,
  layer_norm_eps: z.number().positive().default(1e-6),
  hidden_act: word.default('gelu'),
  norm_type: word.optional(),
  qkv_bias: z.boolean().optional(),
  attention_bias: z.boolean().optional(),
  qk_normalization: z.boolean().optional(),
  use_qk_norm: z.boolean().optional(),
  use_mean_pooling: z.boolean().optional(),
});

export const originalForm = z.object({
  model_type: z.literal('internvl_chat'),
  architectures: z.array(word).nullish(),
  /** Which class of the code beside the weights opens them. */
  auto_map: z.record(z.string(), z.unknown()).nullish(),
  _name_or_path: z.string().optional(),
  vision_config: visionForm,
  llm_config: decoderForm,
  force_image_size: size.nullish(),
  downsample_ratio: ratio.default(0.5),
  ps_version: word.default('v2'),
  select_layer: z.int().default(-1),
  use_thumbnail: z.boolean().default(true),
  min_dynamic_patch: size.default(1),
  max_dynamic_patch: size.default(12),
  tie_word_embeddings: z.boolean().optional(),
  template: word.default('internvl2_5'),
  system_message: z.string().max(maxSystemTextLength).nullish(),
});

export const hfForm = z.object({
  model_type: z.literal('internvl'),
  vision_config: visionForm,
  text_config: decoderForm,
  downsample_ratio: ratio.default(0.5),
  vision_feature_layer: z.int().default(-1),
  tie_word_embeddings: z.boolean().optional(),
});

/** transformers keeps the `-hf` layout's tile limits with the image processor. */
export const preprocessorForm = z.object({ min_patches: size.default(1), max_patches: size.default(12) });
