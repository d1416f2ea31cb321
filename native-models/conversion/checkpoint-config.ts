/** Reads a checkpoint's config.json, in either published layout, into one ModelConfig, or says why the model can't run here. */
import type { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import type { ModelConfig } from '../architectures/model-config.ts';
import type { CheckpointLayout } from '../architectures/parameters.ts';
import { systemTextFor } from '../text/chat-template.ts';
import { readTextFile } from '../weights/plain-file.ts';
import { shownName } from '../weights/shown-name.ts';
import { findContradiction } from './config-contradiction.ts';
import { hfForm, originalForm, preprocessorForm } from './config-forms.ts';
import { maxNameLength } from './model-manifest.ts';
import { decoderConfigOf, unsupported, visionConfigOf } from './network-configs.ts';

/** A config.json is a few kilobytes; anything larger is not one. */
const maxConfigBytes = 4 * 1024 * 1024;

/** What config.json and its neighbours say. */
export interface CheckpointConfig {
  layout: CheckpointLayout;
  name: string;
  config: ModelConfig;
  /** What the model was trained to read first; null for `-hf`, whose template has none. */
  systemText: string | null;
  /** It was trained to judge the answers of others (VisualPRM), and gives none itself. */
  isCritic: boolean;
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
  const vision = visionConfigOf(json.vision_config, 'original');
  const { imageSize } = vision;
  if (json.force_image_size && json.force_image_size !== imageSize) {
    throw unsupported(
      `force_image_size ${json.force_image_size} differs from the vision model's ${imageSize}`,
    );
  }
  return {
    layout: 'original',
    name: json._name_or_path?.split(/[\\/]/).at(-1)?.slice(0, maxNameLength) || 'InternVL3',
    config: checked({
      vision,
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
    isCritic: isCritic(json),
  };
}

/** VisualPRM's weights are opened by its class `InternVLRewardModel`; its configs call themselves by their names, too. */
function isCritic({ architectures, auto_map, _name_or_path }: z.infer<typeof originalForm>): boolean {
  const classes = [...(architectures ?? []), ...Object.values(auto_map ?? {})];
  if (classes.some((name) => typeof name === 'string' && name.endsWith('RewardModel'))) return true;
  return /PRM/.test(_name_or_path?.split(/[\\/]/).at(-1) ?? '');
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
      vision: visionConfigOf(json.vision_config, 'hf'),
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
    isCritic: false,
  };
}

/** A config that says otherwise would fail deep inside a graph. */
function checked(config: ModelConfig): ModelConfig {
  const contradiction = findContradiction(config);
  if (contradiction === null) return config;
  throw new AppError('checkpoint_broken', `config.json contradicts itself: ${contradiction}.`);
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
