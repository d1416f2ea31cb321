/** Fetches a checkpoint into the library, one process at a time for each repository. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeCheckpoint } from '../../../native-models/process/checkpoint-judgement.ts';
import { checkpointsFolder } from './checkpoints.ts';
import { withFolderLock } from './folder-lock.ts';
import type { Bandwidth } from './hub/bandwidth.ts';
import {
  type DownloadedCheckpoint,
  type DownloadState,
  downloadCheckpoint,
  forgetDownloads,
} from './hub/download-checkpoint.ts';
import type { Hub } from './hub/hub-request.ts';

export interface FetchCheckpointRequest {
  hub: Hub;
  library: string;
  repository: string;
  commit: string;
  /** Bytes that the converted copy will take besides. */
  copyBytes: number;
  bandwidth: Bandwidth;
  onProgress: (state: DownloadState) => void;
  signal: AbortSignal;
  /** As of `downloadCheckpoint`. */
  chooseWeights?: (folder: string) => Promise<ReadonlySet<string> | null>;
}

/** Throws as `downloadCheckpoint`; the signal's reason after an abort, which keeps what has arrived. */
export function fetchCheckpoint({
  library,
  repository,
  commit,
  ...request
}: FetchCheckpointRequest): Promise<DownloadedCheckpoint> {
  return locked(library, repository, request.signal, (folder) =>
    downloadCheckpoint({
      ...request,
      repository: { id: repository, revision: commit },
      library: folder,
      judgeConfig: judgeCheckpoint,
    }),
  );
}

/** Removes what an unfinished download left. */
export function forgetFetch(library: string, repository: string): Promise<void> {
  const signal = new AbortController().signal;
  return locked(library, repository, signal, (folder) => forgetDownloads(folder, repository));
}

async function locked<T>(
  library: string,
  repository: string,
  signal: AbortSignal,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = join(library, checkpointsFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, `${repository.replace('/', '--')}.lock`);
  return withFolderLock(lock, () => work(folder), { signal });
}
