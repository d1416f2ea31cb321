/** What a config file says of the two networks, in our words; what can't run here is refused by name. */
import type { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig, VisionConfig } from '../architectures/model-config.ts';
import type { CheckpointLayout } from '../architectures/parameters.ts';
import type { decoderForm, sideOrPair, visionForm } from './config-forms.ts';

/** What a layout means by a key that its config leaves out (configuration_intern_vit.py; transformers' InternVLVisionConfig). */
const visionDefaults = {
  original: { norm: 'rms_norm', queryKeyNorm: true, qkvBias: false },
  hf: { norm: 'layer_norm', queryKeyNorm: false, qkvBias: false },
} as const;

/** Norms by their names in a config. */
const normKinds = new Map<string, VisionConfig['norm']>([
  ['layer_norm', 'layer'],
  ['rms_norm', 'rms'],
]);

/** @throws AppError `checkpoint_unsupported` */
export function visionConfigOf(json: z.infer<typeof visionForm>, layout: CheckpointLayout): VisionConfig {
  const defaults = visionDefaults[layout];
  const normName = json.norm_type ?? defaults.norm;
  const norm = normKinds.get(normName);
  if (!norm) throw unsupported(`its vision norm is ${normName}`);
  if (json.hidden_act !== 'gelu') throw unsupported(`its vision activation is ${json.hidden_act}`);
  return {
    hiddenSize: json.hidden_size,
    intermediateSize: json.intermediate_size,
    layerCount: json.num_hidden_layers,
    headCount: json.num_attention_heads,
    imageSize: sideOf(json.image_size, 'image_size'),
    patchSize: sideOf(json.patch_size, 'patch_size'),
    norm,
    layerNormEpsilon: json.layer_norm_eps,
    queryKeyNorm: json.qk_normalization ?? json.use_qk_norm ?? defaults.queryKeyNorm,
    qkvBias: json.qkv_bias ?? json.attention_bias ?? defaults.qkvBias,
  };
}

/** Language models by the names that configs give them. Their kin (Qwen2-MoE, Mono-InternVL) compute otherwise. */
const architectureNames: [RegExp, DecoderConfig['architecture']][] = [
  [/^qwen2(model|forcausallm)?$/i, 'qwen2'],
  [/^internlm2(model|forcausallm)?$/i, 'internlm2'],
];

/** @throws AppError `checkpoint_unsupported` */
export function decoderConfigOf(json: z.infer<typeof decoderForm>, tiedEmbeddings: boolean): DecoderConfig {
  const name = json.architectures?.[0] ?? json.model_type ?? 'unknown';
  const architecture = architectureNames.find(([pattern]) => pattern.test(name))?.[1];
  if (!architecture) throw unsupported(`its language model is ${name}`);
  if (json.hidden_act !== 'silu') throw unsupported(`its language model's activation is ${json.hidden_act}`);
  if (json.use_sliding_window) throw unsupported('its language model attends in a sliding window');
  return {
    architecture,
    hiddenSize: json.hidden_size,
    intermediateSize: json.intermediate_size,
    layerCount: json.num_hidden_layers,
    headCount: json.num_attention_heads,
    kvHeadCount: json.num_key_value_heads ?? json.num_attention_heads,
    headDim: json.head_dim ?? json.hidden_size / json.num_attention_heads,
    rmsNormEpsilon: json.rms_norm_eps,
    ropeTheta: json.rope_theta ?? json.rope_parameters?.rope_theta ?? 10000,
    ropeFactor: ropeFactorOf(json),
    attentionBias: architecture === 'qwen2' || (json.bias ?? true),
    vocabularySize: json.vocab_size,
    tiedEmbeddings,
    contextLength: json.max_position_embeddings,
  };
}

/** Older configs say it in rope_scaling, transformers 5 in rope_parameters. */
function ropeFactorOf(json: z.infer<typeof decoderForm>): number {
  let ropeFactor = 1;
  for (const scaling of [json.rope_scaling, json.rope_parameters]) {
    const type = (scaling && 'type' in scaling ? scaling.type : undefined) ?? scaling?.rope_type ?? 'default';
    // Dynamic scaling is the identity up to the trained length, and longer contexts are refused.
    if (!['default', 'dynamic', 'linear'].includes(type)) throw unsupported(`its rope scaling is ${type}`);
    if (type === 'linear') ropeFactor = scaling?.factor ?? 1;
  }
  return ropeFactor;
}

function sideOf(value: z.infer<typeof sideOrPair>, what: string): number {
  if (typeof value === 'number') return value;
  if (value[0] !== value[1]) throw unsupported(`its ${what} is not square`);
  return value[0];
}

export function unsupported(why: string): AppError {
  return new AppError('checkpoint_unsupported', `This model can't run here: ${why}.`);
}
