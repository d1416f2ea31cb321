/** Opens a graph of an imported export: its bytes are compared with the manifest first, since they are somebody else's code. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { InferenceSession } from 'onnxruntime-node';
import { brokenModelFolder, type ModelFolder } from '../conversion/model-folder.ts';
import type { ImportedGraph } from '../conversion/model-manifest.ts';
import { openSession, type SessionOptions } from './session.ts';

/** @throws AppError `model_folder_broken` where a byte of the graph or its data changed, and what `openSession` throws */
export async function openExportedSession(
  { path, manifest }: ModelFolder,
  { file, data }: ImportedGraph,
  options: Omit<SessionOptions, 'folder'>,
): Promise<InferenceSession> {
  const promised = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]));
  for (const name of data) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(path, name)), hash);
    if (hash.digest('hex') !== promised.get(name)) throw altered(name);
  }
  const graph = await readFile(join(path, file));
  if (createHash('sha256').update(graph).digest('hex') !== promised.get(file)) throw altered(file);
  return openSession(graph, { ...options, folder: path });
}

function altered(name: string) {
  return brokenModelFolder(`its file ${name} is not the one that was imported`);
}
