/** Downloads a checkpoint of the Hub into a folder of its own: judged first, then fetched, then shown. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { refuseFullDisk } from '../disk.ts';
import type { Bandwidth } from './bandwidth.ts';
import { chooseCheckpointFiles, isWeightsFile } from './checkpoint-files.ts';
import { downloadFile } from './download-file.ts';
import type { Hub } from './hub-request.ts';
import type { Repository } from './repository.ts';
import { type HubFile, type Revision, readRevision } from './revision.ts';

export interface DownloadCheckpointRequest {
  hub: Hub;
  repository: Repository;
  /** Where checkpoints lie; the folder made there is named after repository and commit. */
  library: string;
  /** Bytes that the converted copy will take besides. */
  copyBytes: number;
  bandwidth: Bandwidth;
  /** Judges the folder of small files before any weights are fetched. @throws AppError `checkpoint_unsupported` */
  judgeConfig: (folder: string) => Promise<unknown>;
  /**
   * Only a part of the weights is wanted: chosen by the small files, which are there by then; null for all. The folder
   * is never taken for a whole checkpoint.
   */
  chooseWeights?: (folder: string) => Promise<ReadonlySet<string> | null>;
  onProgress: (progress: DownloadState) => void;
  signal: AbortSignal;
}

export interface DownloadState {
  doneBytes: number;
  totalBytes: number;
  /** Since this run began; 0 until there is something to measure. */
  bytesPerSecond: number;
  /** Null until the speed is known. */
  timeLeftMs: number | null;
}

export interface DownloadedCheckpoint {
  folder: string;
  revision: Revision;
}

/** A speed told earlier would jump about. */
const shortestMeasureMs = 500;

/** What the folder of a part ends in; see `findCheckpoints`. */
const partEnding = '.part-only';

/** Connections in all; a file of weights gets them one after the other. */
const connections = 4;

/** Folder name of a checkpoint: one on every system, and one commit never mixes with another. */
function checkpointFolderName({ repository, commit }: Revision): string {
  return `${repository.replace('/', '--')}-${commit.slice(0, 12)}`;
}

/**
 * Downloads what the converter needs of a repository at one commit, or goes on where an earlier run stopped. The folder
 * appears under its name when every file is there and right.
 * @throws AppError `not_found`, `access_denied`, `checkpoint_unsupported`, `disk_full`, `network_failed`,
 * `download_corrupt`; the signal's reason after an abort (pause), which keeps what has arrived
 */
export async function downloadCheckpoint(request: DownloadCheckpointRequest): Promise<DownloadedCheckpoint> {
  const { hub, library, signal } = request;
  const revision = await readRevision(hub, request.repository, signal);
  const { chooseWeights } = request;
  let files = chooseCheckpointFiles(revision.files);
  const folder = join(library, `${checkpointFolderName(revision)}${chooseWeights ? partEnding : ''}`);
  if (chooseWeights) await rm(folder, { recursive: true, force: true });
  else if (await isFolder(folder)) return { folder, revision };
  const work = `${folder}.download`;
  await forgetDownloads(library, revision.repository, work);
  await mkdir(work, { recursive: true, mode: 0o700 });
  const refuseFull = async () =>
    refuseFullDisk(library, (await missingBytes(work, files)) + request.copyBytes);
  if (!chooseWeights) await refuseFull();

  const measure = startMeasure(() => files, request.onProgress);
  const fetchFile = (file: HubFile, count: number) =>
    downloadFile({
      hub,
      repository: revision.repository,
      commit: revision.commit,
      file,
      folder: work,
      bandwidth: request.bandwidth,
      connections: count,
      onBytes: measure,
      signal,
    });
  for (const file of files.filter((each) => !isWeightsFile(each))) await fetchFile(file, 1);
  await request.judgeConfig(work);
  const chosen = await chooseWeights?.(work);
  if (chosen) files = files.filter((file) => !isWeightsFile(file) || chosen.has(file.name));
  if (chooseWeights) await refuseFull();
  for (const file of files.filter(isWeightsFile)) await fetchFile(file, connections);
  await rename(work, folder);
  return { folder, revision };
}

/** Removes what unfinished downloads of a repository left, but for the one to `keep`. Finished ones stay. */
export async function forgetDownloads(library: string, repository: string, keep?: string): Promise<void> {
  const start = `${repository.replace('/', '--')}-`;
  for (const name of await readdir(library).catch(() => [])) {
    const path = join(library, name);
    if (!name.startsWith(start) || !name.endsWith('.download') || path === keep) continue;
    await rm(path, { recursive: true, force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}

/** What is still to come; a part counts by the blocks it has on the disk, since its length is the whole file's. */
async function missingBytes(folder: string, files: readonly HubFile[]): Promise<number> {
  let bytes = 0;
  for (const file of files) {
    const whole = await stat(join(folder, file.name)).catch(() => null);
    const part = await stat(join(folder, `${file.name}.part`)).catch(() => null);
    bytes += Math.max(0, file.sizeBytes - (whole ? whole.size : (part?.blocks ?? 0) * 512));
  }
  return bytes;
}

/** Counts bytes and tells speed and time left, from what this run's network brought. */
function startMeasure(files: () => readonly HubFile[], tell: (state: DownloadState) => void) {
  const startMs = performance.now();
  let doneBytes = 0;
  let arrivedBytes = 0;
  return (sizeBytes: number, from: 'disk' | 'network') => {
    const totalBytes = files().reduce((sum, file) => sum + file.sizeBytes, 0);
    doneBytes += sizeBytes;
    if (from === 'network') arrivedBytes += sizeBytes;
    const elapsedMs = performance.now() - startMs;
    const bytesPerSecond = elapsedMs > shortestMeasureMs ? (arrivedBytes / elapsedMs) * 1000 : 0;
    const timeLeftMs = bytesPerSecond > 0 ? ((totalBytes - doneBytes) / bytesPerSecond) * 1000 : null;
    tell({ doneBytes, totalBytes, bytesPerSecond, timeLeftMs });
  };
}
