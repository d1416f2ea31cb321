/** Reads model.safetensors.index.json: which shard holds which tensor. */
import type { AppError } from '../../preload/contract/errors.ts';
import { brokenFile, readTextFile } from './plain-file.ts';
import { parseStrictJson, type StrictJson, StrictJsonError } from './strict-json.ts';

export const indexFileName = 'model.safetensors.index.json';

/** The 78B model's index has 0.2 MB. */
const maxIndexBytes = 32 * 1024 * 1024;

/** The 78B model has 33; each is an open file while a checkpoint is read. */
const maxShards = 500;

/** Tensor name → shard's file name as written there: data, not yet a name to open. */
export type CheckpointIndex = ReadonlyMap<string, string>;

/** @throws AppError `checkpoint_broken`, `path_refused` or `file_unreadable` */
export async function readCheckpointIndex(folder: string): Promise<CheckpointIndex> {
  const text = await readTextFile({ folder, name: indexFileName, maxBytes: maxIndexBytes });
  return parseIndex(text ?? '');
}

export function brokenIndex(what: string): AppError {
  return brokenFile(indexFileName, what);
}

function parseIndex(text: string): CheckpointIndex {
  const json = parseJson(text);
  const weightMap = json instanceof Map ? json.get('weight_map') : undefined;
  if (!(weightMap instanceof Map)) throw brokenIndex('it has no weight_map');
  const index = new Map<string, string>();
  for (const [tensor, file] of weightMap) {
    if (typeof file !== 'string') throw brokenIndex('its weight_map holds more than file names');
    index.set(tensor, file);
  }
  if (index.size === 0) throw brokenIndex('it lists no tensors');
  if (new Set(index.values()).size > maxShards) throw brokenIndex(`it names more than ${maxShards} files`);
  return index;
}

function parseJson(text: string): StrictJson {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof StrictJsonError) throw brokenIndex(`it is not valid: ${error.message}`);
    throw error;
  }
}
