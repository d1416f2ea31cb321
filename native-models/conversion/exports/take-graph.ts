/** Takes one graph of an export into a model folder: checked, its data copied under our names, written anew. */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel, encodeModel, type OnnxModel } from '../../onnx/read-graph.ts';
import { openPlainFile, readExactly, refusedFile } from '../../weights/plain-file.ts';
import { createDataFile, type WrittenFile } from '../data-file.ts';
import { broken, checkGraph, type ExternalReference } from './check-graph.ts';
import type { ExportFile, ExportPart } from './find-export-files.ts';
import { checkPorts } from './graph-ports.ts';
import { widenPorts } from './widen-ports.ts';

/** Protobuf holds no more; larger exports keep their weights beside the graph. */
const maxGraphBytes = 2 ** 31 - 1;

/** Bytes copied at once. */
const blockBytes = 8 * 1024 * 1024;

export interface TakenGraph {
  model: OnnxModel;
  /** The graph's own file. */
  graph: WrittenFile;
  /** Its data files. */
  data: WrittenFile[];
  /** Some input or output had 16 bits before it was widened. */
  wasHalf: boolean;
}

/**
 * Reads `onnx/FILE` of an export and writes it into `folder`. Of the file only what was looked through is written, and
 * data files get names of ours.
 * @throws AppError `checkpoint_broken`, `checkpoint_unsupported`, `path_refused`, `file_unreadable`, `disk_full`; the
 * signal's reason after an abort
 */
export async function takeGraph(job: {
  source: string;
  folder: string;
  part: ExportPart;
  from: ExportFile;
  signal: AbortSignal;
  onBytes?: (sizeBytes: number) => void;
}): Promise<TakenGraph> {
  const { part, from, signal, onBytes = () => {} } = job;
  const beside = join(job.source, 'onnx');
  const bytes = await readGraph(beside, from.file);
  onBytes(bytes.length);
  const model = parseModel(bytes, from.file);
  const references = checkGraph(model, from.file);
  checkPorts(model.graph!, part, from.file);
  const wasHalf = widenPorts(model.graph!, from.file);
  const data: WrittenFile[] = [];
  for (const [location, wanted] of Map.groupBy(references, ({ location }) => location)) {
    const name = `${part}-${data.length + 1}.bin`;
    data.push(
      await copyData({
        beside,
        location,
        wanted,
        to: join(job.folder, name),
        file: from.file,
        signal,
        onBytes,
      }),
    );
    for (const { tensor } of wanted) {
      for (const entry of tensor.externalData) if (entry.key === 'location') entry.value = name;
    }
  }
  const written = await createDataFile(join(job.folder, `${part}.onnx`));
  try {
    await written.write(encodeModel(model));
    return { model, graph: await written.finish(), data, wasHalf };
  } catch (error) {
    await written.abandon();
    throw error;
  }
}

async function readGraph(folder: string, name: string): Promise<Uint8Array> {
  const handle = await openOwnFile(folder, name);
  try {
    const { size } = await handle.stat();
    if (size > maxGraphBytes) throw broken(name, `it has ${size} bytes`);
    return await readExactly(handle, { name, position: 0, sizeBytes: size });
  } finally {
    await handle.close();
  }
}

/** A file with one name only: a link, hard or symbolic, may be somebody else's file that should not be copied. */
async function openOwnFile(folder: string, name: string): Promise<FileHandle> {
  const handle = await openPlainFile({ path: join(folder, name), name, links: 'refuse' });
  const { nlink } = await handle.stat();
  if (nlink <= 1) return handle;
  await handle.close();
  throw refusedFile(name);
}

function parseModel(bytes: Uint8Array, file: string): OnnxModel {
  try {
    return decodeModel(bytes);
  } catch {
    throw broken(file, 'it is no ONNX model');
  }
}

/** Copies a data file whole, through the handle that was looked at. */
async function copyData(job: {
  beside: string;
  location: string;
  wanted: ExternalReference[];
  to: string;
  file: string;
  signal: AbortSignal;
  onBytes: (sizeBytes: number) => void;
}): Promise<WrittenFile> {
  const handle = await openOwnFile(job.beside, job.location);
  try {
    const { size } = await handle.stat();
    if (job.wanted.some(({ offset, sizeBytes }) => offset + sizeBytes > size)) {
      throw broken(job.file, `it wants more than ${job.location} holds`);
    }
    const copy = await createDataFile(job.to);
    try {
      for (let position = 0; position < size; position += blockBytes) {
        job.signal.throwIfAborted();
        const sizeBytes = Math.min(blockBytes, size - position);
        await copy.write(await readExactly(handle, { name: job.location, position, sizeBytes }));
        job.onBytes(sizeBytes);
      }
      return await copy.finish();
    } catch (error) {
      await copy.abandon();
      throw error;
    }
  } finally {
    await handle.close();
  }
}
