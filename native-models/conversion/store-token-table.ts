/** Copies the token table row by row in its published type, so an embedding is exactly the checkpoint's. */

import { tokenTableSource } from '../architectures/decoder.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import { type FloatDType, floatsToBfloat16, floatsToHalf } from '../weights/dtypes.ts';
import { bytesOf, type DataFile } from './data-file.ts';
import { assertFinite, type FloatSource } from './float-source.ts';
import type { ModelManifest } from './model-manifest.ts';

/** Rows copied at once. */
const rowsPerBlock = 4096;

/** Writes the whole table [vocabulary, hidden] into a file of its own and says how to read it. */
export async function storeTokenTable(job: {
  source: FloatSource;
  file: DataFile;
  fileName: string;
  config: DecoderConfig;
  signal: AbortSignal;
}): Promise<ModelManifest['tokenTable']> {
  const { vocabularySize: rows, hiddenSize: width } = job.config;
  const source = tokenTableSource(job.config);
  const dtype = job.source.check(source, [rows, width]);
  for (let first = 0; first < rows; first += rowsPerBlock) {
    job.signal.throwIfAborted();
    const count = Math.min(rowsPerBlock, rows - first);
    const values = await job.source.readRows(source, [rows, width], { first, count });
    assertFinite(values, source);
    await job.file.write(inPublishedType(values, dtype));
  }
  return { file: job.fileName, dtype, rows, width };
}

/** Undoes the widening to float32: exact where no adapter was added, since the values came from that type. */
function inPublishedType(values: Float32Array, dtype: FloatDType): Uint8Array {
  if (dtype === 'F32') return bytesOf(values);
  return bytesOf(dtype === 'F16' ? floatsToHalf(values) : floatsToBfloat16(values));
}
