/** Which files of a repository make a checkpoint; nothing else is ever fetched. */
import { AppError } from '../../../../preload/contract/errors.ts';
import type { HubFile } from './revision.ts';

/** Read by the converter where they are there. Code, pickles and templates are not among them. */
const wantedNames = new Set([
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'tokenizer.model',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'model.safetensors.index.json',
  'LICENSE',
  'LICENSE.txt',
  'README.md',
]);

/** One plain name: folders of a repository hold other things, and a name is also a file name here. */
const weightsName = /^model(?:-\d{5}-of-\d{5})?\.safetensors$/;

/** A tokenizer.json of this family takes 7 MB; anything far larger beside the weights is no text file of a model. */
const mostSmallBytes = 64 * 1024 * 1024;

/**
 * Chooses the files, small ones first, so that a config which can't run is seen before the weights come.
 * @throws AppError `checkpoint_unsupported` where there is no config or no safetensors
 */
export function chooseCheckpointFiles(files: readonly HubFile[]): HubFile[] {
  const small = files.filter((file) => wantedNames.has(file.name) && file.sizeBytes <= mostSmallBytes);
  const weights = files.filter((file) => weightsName.test(file.name));
  const hasConfig = small.some((file) => file.name === 'config.json');
  if (!hasConfig || weights.length === 0) {
    throw new AppError('checkpoint_unsupported', whyNoCheckpoint(files.map((file) => file.name)));
  }
  return [...small, ...weights.sort((a, b) => (a.name < b.name ? -1 : 1))];
}

function whyNoCheckpoint(names: readonly string[]): string {
  if (names.some((name) => /^adapter_model\.(?:safetensors|bin)$/.test(name))) {
    return 'This repository holds only an adapter. Look for the merged model, or merge it into its base first.';
  }
  if (names.some((name) => /\.(?:bin|pt|pth)$/.test(name))) {
    return 'This repository has its weights as pickles only, which can run code. Look for one with safetensors.';
  }
  return 'This repository is no checkpoint: it lacks config.json or safetensors files.';
}

export const isWeightsFile = (file: HubFile): boolean => weightsName.test(file.name);

/** Whether a name is one a checkpoint may have, wherever it comes from. */
export const isCheckpointFile = (name: string): boolean => wantedNames.has(name) || weightsName.test(name);
