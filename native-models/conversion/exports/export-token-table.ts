/** Asks an export's embed_tokens graph for every row once, so that the engine reads embeddings as from any model folder. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { DecoderConfig } from '../../architectures/model-config.ts';
import { cpuDevice } from '../../inference/device.ts';
import { integerTensor, openSession, runSession } from '../../inference/session.ts';
import { floatsToHalf } from '../../weights/dtypes.ts';
import { bytesOf, createDataFile, type WrittenFile } from '../data-file.ts';
import type { ModelManifest } from '../model-manifest.ts';
import { broken, unsupported } from './check-graph.ts';
import type { TakenGraph } from './take-graph.ts';

/** Rows asked for at once. */
const rowsPerRun = 1024;

const fileName = 'tokens.bin';

/**
 * Writes the table and removes the graph, which has no further use.
 * @throws AppError `checkpoint_broken` where the graph has fewer rows than config.json promises, or of another width
 */
export async function storeExportedTable(job: {
  folder: string;
  taken: TakenGraph;
  config: DecoderConfig;
  signal: AbortSignal;
}): Promise<{ file: WrittenFile; tokenTable: ModelManifest['tokenTable'] }> {
  const { folder, taken, config } = job;
  const graph = await readFile(join(folder, taken.graph.name));
  const session = await openSession(graph, { folder, device: cpuDevice, threads: 0 }).catch(() => {
    throw unsupported('embed_tokens', 'ONNX Runtime refuses it');
  });
  const file = await createDataFile(join(folder, fileName));
  try {
    const dtype = taken.wasHalf ? 'F16' : 'F32';
    for (let first = 0; first < config.vocabularySize; first += rowsPerRun) {
      job.signal.throwIfAborted();
      const count = Math.min(rowsPerRun, config.vocabularySize - first);
      const rows = await readRows(session, { first, count, width: config.hiddenSize });
      await file.write(bytesOf(dtype === 'F16' ? floatsToHalf(rows) : rows));
    }
    const written = await file.finish();
    for (const { name } of [taken.graph, ...taken.data]) await rm(join(folder, name));
    const { vocabularySize: rows, hiddenSize: width } = config;
    return { file: written, tokenTable: { file: fileName, dtype, rows, width } };
  } catch (error) {
    await file.abandon();
    throw error;
  } finally {
    await session.release();
  }
}

async function readRows(
  session: InferenceSession,
  { first, count, width }: { first: number; count: number; width: number },
): Promise<Float32Array> {
  const ids = Array.from({ length: count }, (_, row) => first + row);
  const outputs = await runSession(session, { input_ids: integerTensor(ids, [1, count]) }).catch(() => {
    throw broken('embed_tokens', `it has no rows ${first} to ${first + count - 1}`);
  });
  const rows = outputs.inputs_embeds!;
  if (rows.size !== count * width) throw broken('embed_tokens', `its rows have not ${width} values`);
  return rows.data as Float32Array;
}
