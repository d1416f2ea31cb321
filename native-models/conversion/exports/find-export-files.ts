/** Finds the three graphs of an export in transformers.js layout, whatever precision their names tell. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Precision } from '../../inference/generation-types.ts';

/** Names of the three graphs without suffix (transformers.js, session_config.js). */
export const exportParts = {
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

/**
 * Chooses a file for each part.
 * @throws AppError `not_found` naming what is missing and what is there
 */
export async function findExportFiles(
  folder: string,
  dtypes: ExportDtypes,
): Promise<Record<ExportPart, ExportFile>> {
  const names = await readdir(join(folder, 'onnx')).catch(() => {
    throw new AppError('not_found', 'This folder is no export: its onnx folder is missing.');
  });
  const find = (part: ExportPart): ExportFile => {
    const there = Object.keys(suffixes).filter((dtype) => names.includes(fileOf(part, dtype)));
    // Patches suffer most from rough activations, so the vision encoder is taken as exact as it is there.
    const preferred = part === 'vision' && there.includes('fp32') ? 'fp32' : there[0];
    const dtype = dtypes[part] ?? preferred;
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
  for (const name of await readdir(join(folder, 'onnx'))) {
    if (chosen.some((file) => name.startsWith(file))) bytes += (await lstat(join(folder, 'onnx', name))).size;
  }
  return bytes;
}

function fileOf(part: ExportPart, dtype: string): string {
  return `${exportParts[part]}${dtype === 'fp32' ? '' : `_${dtype}`}.onnx`;
}
