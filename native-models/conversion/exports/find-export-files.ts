/** Finds the three graphs of an export in transformers.js layout, whatever precision their names tell. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Precision } from '../../inference/generation-types.ts';

/** Names of the three graphs without suffix (transformers.js, session_config.js). */
const exportParts = {
  vision: 'vision_encoder',
  tokens: 'embed_tokens',
  decoder: 'decoder_model_merged',
} as const;

export type ExportPart = keyof typeof exportParts;

/** What a dtype's suffix says of the weights (transformers.js, dtypes.js); in the order that suits a CPU, best first. */
const suffixes: Record<string, Precision> = {
  q4: 'int4',
  quantized: 'int8',
  int8: 'int8',
  uint8: 'int8',
  fp32: 'fp32',
  q4f16: 'int4',
  bnb4: 'int4',
  fp16: 'fp16',
  q2: 'int4',
  q2f16: 'int4',
  q1: 'int4',
  q1f16: 'int4',
};

export interface ExportFile {
  /** Name within `onnx/`. */
  file: string;
  precision: Precision;
}

/** A suffix for each part: fp32 stands for none. Left out: chosen from what is there. */
export type ExportDtypes = Partial<Record<ExportPart, string>>;

/** Folder of the graphs within an export. */
const graphFolder = 'onnx';

/** Whether a path within an export is one of its graphs, or data that exporters name after one. */
export function isExportFile(path: string): boolean {
  const [folder, name, ...deeper] = path.split('/');
  const isPart = Object.values(exportParts).some((part) => name?.startsWith(part));
  return folder === graphFolder && isPart && deeper.length === 0 && /^[A-Za-z0-9._-]{1,200}$/.test(name!);
}

/** Whether a folder is a ready-made export. One that holds safetensors besides is a checkpoint: those are exacter. */
export async function isExportFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.some((name) => /^model.*\.safetensors$/.test(name))) return false;
  const graphs = await readdir(join(folder, graphFolder)).catch((): string[] => []);
  return graphs.some((name) => name.startsWith(exportParts.decoder) && name.endsWith('.onnx'));
}

/**
 * Chooses a file for each part: of the asked dtype, else of the preferred precision where there is one, else what suits a CPU.
 * @throws AppError `not_found` naming what is missing and what is there
 */
export async function findExportFiles(
  folder: string,
  dtypes: ExportDtypes,
  preferred?: Precision,
): Promise<Record<ExportPart, ExportFile>> {
  const names = await readdir(join(folder, graphFolder)).catch(() => {
    throw new AppError('not_found', 'This folder is no export: its onnx folder is missing.');
  });
  const find = (part: ExportPart): ExportFile => {
    const there = Object.keys(suffixes).filter((dtype) => names.includes(fileOf(part, dtype)));
    // Patches suffer most from rough activations, so the vision encoder is taken as exact as it is there.
    const isExactEye = part === 'vision' && there.includes('fp32');
    const usual = isExactEye ? 'fp32' : (there.find((each) => suffixes[each] === preferred) ?? there[0]);
    const dtype = dtypes[part] ?? usual;
    if (dtype === undefined || !there.includes(dtype)) {
      throw new AppError(
        'not_found',
        `The export has no ${exportParts[part]} of that precision; there is ${there.join(', ') || 'none'}.`,
      );
    }
    return { file: fileOf(part, dtype), precision: suffixes[dtype]! };
  };
  return { vision: find('vision'), tokens: find('tokens'), decoder: find('decoder') };
}

/** Bytes of the chosen graphs and of what lies beside them under their names, as exporters name data files. */
export async function exportBytes(folder: string, files: Record<ExportPart, ExportFile>): Promise<number> {
  const chosen = Object.values(files).map(({ file }) => file);
  let bytes = 0;
  for (const name of await readdir(join(folder, graphFolder))) {
    if (chosen.some((file) => name.startsWith(file)))
      bytes += (await lstat(join(folder, graphFolder, name))).size;
  }
  return bytes;
}

function fileOf(part: ExportPart, dtype: string): string {
  return `${exportParts[part]}${dtype === 'fp32' ? '' : `_${dtype}`}.onnx`;
}
