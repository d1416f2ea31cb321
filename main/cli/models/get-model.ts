/** `models get`: a repository is judged, fetched, converted, and its checkpoint removed unless it is to be kept. */
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Model } from '../../../preload/contract/models.ts';
import { freeDiskBytes } from '../../service/models/disk.ts';
import { fetchCheckpoint } from '../../service/models/fetch-checkpoint.ts';
import { createBandwidth } from '../../service/models/hub/bandwidth.ts';
import type { DownloadState } from '../../service/models/hub/download-checkpoint.ts';
import { judgeRepository, machineMemoryBytes } from '../../service/models/judge-repository.ts';
import type { OpenLibrary } from './open-library.ts';
import type { ModelsCommand } from './parse-models.ts';

/** @returns null when stopped by Ctrl-C, what has arrived kept */
export async function getModel(
  command: Extract<ModelsCommand, { action: 'get' }>,
  { folder, bytesPerSecond, openHub, convert, run }: OpenLibrary,
): Promise<Model | null> {
  const { terminal, signal } = run;
  const hub = openHub();
  const machine = { memoryBytes: machineMemoryBytes(), freeDiskBytes: await freeDiskBytes(folder) };
  try {
    terminal.showStatus('Looking at the repository…');
    const judgement = await judgeRepository(hub, command.repository, { machine, signal });
    const { repository, commit, license, judged, reason } = judgement;
    if (!judged) throw new AppError(reason!.code, reason!.message);
    terminal.note(
      `${repository} at ${commit.slice(0, 12)}, ${gigabytes(judgement.downloadBytes)} GB, licence: ${license ?? 'not named'}`,
    );
    const fetched = await fetchCheckpoint({
      hub,
      library: folder,
      repository,
      commit,
      copyBytes: judged.folderBytes[command.precision],
      bandwidth: createBandwidth(command.bytesPerSecond ?? bytesPerSecond),
      onProgress: (state) => terminal.showStatus(progressLine(repository, state)),
      signal,
    });
    const model = await convert({
      path: fetched.folder,
      name: basename(repository),
      precision: command.precision,
      origin: { type: 'hub', repository, commit, license },
    });
    if (model && !command.keep) await rm(fetched.folder, { recursive: true, force: true });
    return model;
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note('Stopped. What has arrived is kept; the same command goes on with it.');
    return null;
  } finally {
    terminal.clearStatus();
  }
}

function progressLine(repository: string, state: DownloadState): string {
  const { doneBytes, totalBytes, bytesPerSecond, timeLeftMs } = state;
  const percent = Math.floor((100 * doneBytes) / Math.max(totalBytes, 1));
  const left = timeLeftMs === null ? '' : `, ${Math.ceil(timeLeftMs / 1000)} s left`;
  return `Fetching ${repository}: ${percent} % of ${gigabytes(totalBytes)} GB, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s${left}`;
}

const gigabytes = (sizeBytes: number) => (sizeBytes / 1e9).toFixed(2);
