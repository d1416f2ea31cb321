/** Gets hold of what a model was made of: a folder that is still there, an archive unpacked again, a commit fetched again. */
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type DamagedFiles,
  keepShards,
  neededShards,
} from '../../../native-models/process/checkpoint-judgement.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { checkpointsFolder, findCheckpoints } from './checkpoints.ts';
import { fetchCheckpoint } from './fetch-checkpoint.ts';
import type { Bandwidth } from './hub/bandwidth.ts';
import type { DownloadState } from './hub/download-checkpoint.ts';
import type { Hub } from './hub/hub-request.ts';
import { isImportedFile } from './imported-files.ts';
import type { ModelOrigin } from './model-origin.ts';
import { unpackZip } from './unpack-zip.ts';

export interface OriginPlace {
  library: string;
  /** Folder of Hugging Face's own cache, see `huggingFaceCache`. */
  cache: string;
  openHub: () => Promise<Hub>;
  bandwidth: Bandwidth;
  onFetching: (state: DownloadState) => void;
  onUnpacking: (done: number, total: number) => void;
  signal: AbortSignal;
  /** What is to be made again of it: nothing else is fetched. Left out: all of it. */
  damaged?: DamagedFiles;
}

export interface OpenOrigin {
  folder: string;
  /** Removes what was brought here only for this. */
  close(): Promise<void>;
}

/** @throws AppError `not_found` where it is gone; as `fetchCheckpoint` and `unpackZip` do */
export async function openOrigin(origin: ModelOrigin | null, place: OriginPlace): Promise<OpenOrigin> {
  if (!origin) {
    const sentence =
      'Nobody noted what this model was made from. Name its checkpoint, or delete the model and add it again.';
    throw new AppError('not_found', sentence);
  }
  return origin.type === 'path' ? openPath(origin.path, place) : openCommit(origin, place);
}

async function openPath(path: string, place: OriginPlace): Promise<OpenOrigin> {
  const found = await stat(path).catch(() => null);
  if (!found)
    throw new AppError(
      'not_found',
      `What this model was made from (${basename(path)}) is not on this machine any more. Connect its disk, name it where it lies now, or delete the model and add it again.`,
    );
  if (found.isDirectory()) return { folder: path, close: async () => {} };
  const folder = join(place.library, checkpointsFolder, `unpacked-repair-${process.pid}`);
  const { signal, onUnpacking: onProgress } = place;
  await rm(folder, { recursive: true, force: true });
  await unpackZip({ archive: path, folder, copyBytes: 0, wants: isImportedFile, onProgress, signal });
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

async function openCommit(
  { repository, commit }: Extract<ModelOrigin, { type: 'hub' }>,
  place: OriginPlace,
): Promise<OpenOrigin> {
  const { library, cache, bandwidth, onFetching: onProgress, signal } = place;
  const names = [
    `${repository.replace('/', '--')}-${commit.slice(0, 12)}`,
    `${repository}@${commit.slice(0, 12)}`,
  ];
  const here = (await findCheckpoints(library, cache)).find(({ name }) => names.includes(name));
  if (here) return { folder: here.folder, close: async () => {} };
  const hub = await place.openHub();
  const request = { hub, library, repository, commit, copyBytes: 0, bandwidth, onProgress, signal };
  const { damaged } = place;
  let shards: ReadonlySet<string> | null = null;
  const chooseWeights = async (small: string) => {
    shards = damaged ? await neededShards(small, damaged) : null;
    return shards;
  };
  const { folder } = await fetchCheckpoint({ ...request, ...(damaged && { chooseWeights }) });
  await leaveOut(folder, shards);
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

/** Shards that were not fetched are not looked for. */
async function leaveOut(folder: string, shards: ReadonlySet<string> | null): Promise<void> {
  if (shards && shards.size > 0) await keepShards(folder, shards);
}
