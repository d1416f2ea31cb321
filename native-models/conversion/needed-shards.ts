/** Which shards of a checkpoint some files of a model folder were made from: to make these again, no others are needed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenTableSource } from '../architectures/decoder.ts';
import type { Parameter } from '../architectures/parameters.ts';
import { indexFileName, readCheckpointIndex } from '../weights/checkpoint-index.ts';
import { isThere } from '../weights/plain-file.ts';
import { readCheckpointConfig } from './checkpoint-config.ts';
import { meaningOf } from './lora.ts';
import { readModelManifest } from './model-folder.ts';
import { modelParameters } from './model-parameters.ts';

export interface DamagedFiles {
  /** The model folder; its manifest must be whole. */
  folder: string;
  /** Names of its files to be made again. */
  files: readonly string[];
}

/**
 * @param checkpoint a folder with the small files of the checkpoint: config and index
 * @returns names of its shards, none where only the tokenizer is to be made again; null where all weights are in one file
 * @throws AppError of the config's and index's readers
 */
export async function neededShards(
  checkpoint: string,
  damaged: DamagedFiles,
): Promise<ReadonlySet<string> | null> {
  const sources = await neededSources(checkpoint, damaged);
  if (sources.size === 0) return new Set();
  if (!(await isThere(join(checkpoint, indexFileName)))) return null;
  const index = [...(await readCheckpointIndex(checkpoint))];
  return new Set(index.filter(([name]) => sources.has(meaningOf(name).source)).map(([, shard]) => shard));
}

/** Names no other shards in the folder's index, so that it is read as the part of a checkpoint that it is. */
export async function keepShards(checkpoint: string, shards: ReadonlySet<string>): Promise<void> {
  const index = [...(await readCheckpointIndex(checkpoint))].filter(([, shard]) => shards.has(shard));
  const text = JSON.stringify({ weight_map: Object.fromEntries(index) });
  await writeFile(join(checkpoint, indexFileName), text);
}

/** Tensors that the damaged files hold, by the names that architectures know them by. */
async function neededSources(
  checkpoint: string,
  { folder, files }: DamagedFiles,
): Promise<ReadonlySet<string>> {
  const { tensors, tokenTable } = await readModelManifest(folder);
  const { config, layout } = await readCheckpointConfig(checkpoint);
  const { vision, decoder, lmHead, lmHeadRows, reading } = modelParameters(config, layout);
  const isDamaged = ({ name, kind }: Parameter) =>
    files.includes(tensors[kind === 'tensor' ? name : `${name}.weight`]?.file ?? '');
  const parameters = [...vision, ...decoder, lmHead, lmHeadRows, ...reading].filter(isDamaged);
  return new Set([
    ...parameters.flatMap(sourcesOf),
    ...(files.includes(tokenTable.file) ? [tokenTableSource(config.decoder)] : []),
  ]);
}

function sourcesOf(parameter: Parameter): string[] {
  if (parameter.kind === 'tensor') return [parameter.source];
  const { weight, bias = [], rowScale } = parameter;
  return [...weight.map(({ source }) => source), ...bias, ...(rowScale === undefined ? [] : [rowScale])];
}
