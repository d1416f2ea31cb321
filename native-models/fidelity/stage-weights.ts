/** Where a stage's weights come from: the checkpoint in any precision, or the model folder as it is. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Parameter } from '../architectures/parameters.ts';
import type { DataFile } from '../conversion/data-file.ts';
import type { FloatSource } from '../conversion/float-source.ts';
import { brokenModelFolder, type ModelFolder } from '../conversion/model-folder.ts';
import type { StoredTensor } from '../conversion/model-manifest.ts';
import { storeLinear, storeTensor } from '../conversion/store-parameter.ts';
import type { Precision } from '../inference/generation-types.ts';

/** Puts parameters into a data file, in the form a run is to use. */
export interface StageWeights {
  /** @throws AppError as the readers of checkpoint or folder do; the signal's reason after an abort */
  store(parameter: Parameter, target: WeightsTarget): Promise<void>;
}

export interface WeightsTarget {
  file: DataFile;
  /** Filled by name. */
  tensors: Record<string, StoredTensor>;
  signal: AbortSignal;
}

/** The precision of matrices that are not as converted, by the name of their parameter. */
export type WiderMatrices = ReadonlyMap<string, Precision>;

/** The checkpoint's values, matrices in one precision, made as the converter makes them. */
export function publishedWeights(source: FloatSource, precision: Precision): StageWeights {
  return {
    async store(parameter, target) {
      const storeTarget = { ...target, source, keptWider: [] };
      if (parameter.kind === 'tensor') await storeTensor(storeTarget, parameter);
      else await storeLinear(storeTarget, parameter, precision);
    },
  };
}

/** What the model folder holds, byte for byte. */
export function convertedWeights(folder: ModelFolder): StageWeights {
  return {
    async store(parameter, target) {
      for (const name of storedNames(parameter)) {
        const stored = folder.manifest.tensors[name];
        if (stored) target.tensors[name] = await copyTensor(folder, stored, target.file);
      }
    },
  };
}

/** One kind of weights for some parameters, another for the rest. */
export function mixedWeights(of: (parameter: Parameter) => StageWeights): StageWeights {
  return { store: (parameter, target) => of(parameter).store(parameter, target) };
}

/** The model folder with these matrices made anew from the checkpoint. */
export function widenedWeights(folder: ModelFolder, source: FloatSource, wider: WiderMatrices): StageWeights {
  const converted = convertedWeights(folder);
  return mixedWeights(({ name }) => {
    const precision = wider.get(name);
    return precision ? publishedWeights(source, precision) : converted;
  });
}

/** All names that a parameter may be stored under, in the order they are written. */
export function storedNames({ kind, name }: Parameter): string[] {
  return kind === 'tensor' ? [name] : [`${name}.weight`, `${name}.weight_scale`, `${name}.bias`];
}

/** Bytes copied at once. */
const pieceBytes = 16 * 1024 * 1024;

async function copyTensor(folder: ModelFolder, stored: StoredTensor, file: DataFile): Promise<StoredTensor> {
  const { type, shape, sizeBytes } = stored;
  const handle = await openFile(folder, stored.file);
  try {
    const place = await file.begin({ type, shape, sizeBytes });
    for (let done = 0; done < sizeBytes; ) {
      const piece = new Uint8Array(Math.min(pieceBytes, sizeBytes - done));
      const { bytesRead } = await handle.read(piece, 0, piece.length, stored.byteOffset + done);
      if (bytesRead === 0) throw brokenModelFolder(`its file ${stored.file} is cut short`);
      await file.write(piece.subarray(0, bytesRead));
      done += bytesRead;
    }
    return place;
  } finally {
    await handle.close();
  }
}

async function openFile({ path }: ModelFolder, name: string): Promise<FileHandle> {
  return open(join(path, name), 'r').catch((cause: unknown) => {
    throw brokenModelFolder(`its file ${name} can't be opened`, cause);
  });
}
