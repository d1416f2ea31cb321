/** From a pipeline's options to a loaded model: a model folder as it is, a checkpoint converted once and kept. */
import { createHash } from 'node:crypto';
import { access, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';
import { convertCheckpoint } from '../conversion/convert-checkpoint.ts';
import { manifestFile } from '../conversion/model-folder.ts';
import { recipeVersion } from '../conversion/recipe-version.ts';
import { type Devices, gpusFor, parseDevice } from '../inference/device.ts';
import type { Precision, VisionLanguageModel } from '../inference/generation-types.ts';
import { openModel } from '../inference/vision-language-model.ts';
import { isAddress } from '../remote/server-address.ts';
import { defaultSystemText } from '../text/chat-template.ts';
import { openServedModel, type ServedModelOptions } from './open-served-model.ts';

export interface PipelineOptions extends ServedModelOptions {
  /** Most tokens of a prompt and its answer (LMDeploy's `session_len`); default: the model's context. */
  sessionLength?: number;
  /** Where the model runs, as `cpu` or `cuda:1`: layers are split over several, vision on the first. Default `['cpu']`. */
  devices?: readonly string[];
  /** LMDeploy's `tp`: that many GPUs from the first, layers split over them (here no tensor is). Default 1. */
  tp?: number;
  /** Conversation template by name; default: the checkpoint's own. */
  chatTemplate?: ChatTemplateName;
  /** How a checkpoint's weights are kept; default `int4`. A model folder has its own. */
  precision?: Precision;
  /** Where converted checkpoints are kept; default a folder in the user's cache. */
  cacheFolder?: string;
  /** Threads; default one for each physical core. */
  threads?: number;
}

/** System text of each template: the originals' by name, and the `-hf` layout's, which has none. */
const templates = { internvl2_5: defaultSystemText, 'internvl-hf': null } as const;

export type ChatTemplateName = keyof typeof templates;

/**
 * @throws AppError `invalid_request` for devices, a template or a session length that make no sense,
 *   `device_unavailable` where a device is not here, and of conversion and loading
 */
export async function openPipelineModel(
  model: string,
  options: PipelineOptions,
): Promise<{ model: VisionLanguageModel; systemText: string | null }> {
  if (isAddress(model)) return openServedModel(model, options);
  const devices = readDevices(options);
  const { chatTemplate, sessionLength, threads } = options;
  if (chatTemplate !== undefined && !Object.hasOwn(templates, chatTemplate)) {
    const names = Object.keys(templates).join(', ');
    throw new AppError('invalid_request', `There is no chat template of this name. Known are: ${names}.`);
  }
  if (sessionLength !== undefined && !(Number.isInteger(sessionLength) && sessionLength > 0)) {
    throw new AppError('invalid_request', 'sessionLength must be a whole number above 0.');
  }
  const opened = await openModel(await modelFolderOf(resolve(model), options), {
    devices,
    ...(threads !== undefined && { threads }),
    ...(sessionLength !== undefined && { sessionLength }),
  });
  return {
    model: opened,
    systemText: chatTemplate ? templates[chatTemplate] : opened.description.systemText,
  };
}

function readDevices({ devices, tp = 1 }: PipelineOptions): Devices {
  if (!devices) return gpusFor(tp);
  if (devices.length > 0 && (tp === 1 || tp === devices.length)) return devices.map(parseDevice);
  throw new AppError(
    'invalid_request',
    'devices and tp contradict each other. Name as many devices as tp says, or leave one out.',
  );
}

async function modelFolderOf(model: string, options: PipelineOptions): Promise<string> {
  if (await exists(join(model, manifestFile))) return model;
  const { precision = 'int4' } = options;
  const cache = options.cacheFolder ?? join(homedir(), '.cache', 'internvl-desktop', 'pipeline');
  const name = `${basename(model)}-${precision}-${(await identify(model)).slice(0, 16)}`;
  const folder = join(cache, name);
  if (await exists(join(folder, manifestFile))) return folder;
  try {
    await convertCheckpoint({ checkpoint: model, out: folder, precision });
  } catch (error) {
    if (!(await exists(join(folder, manifestFile)))) throw error; // else another process was faster
  }
  return folder;
}

/** Names, sizes and times of a checkpoint's files, and what a conversion makes of them. */
async function identify(checkpoint: string): Promise<string> {
  const names = await readdir(checkpoint).catch((cause: unknown) => {
    throw new AppError('not_found', 'The model folder does not exist or is no folder.', { cause });
  });
  const hash = createHash('sha256').update(`${recipeVersion} ${checkpoint}`);
  for (const name of names.sort()) {
    const { size, mtimeMs } = await stat(join(checkpoint, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
