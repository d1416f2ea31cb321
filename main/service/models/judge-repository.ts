/** Looks at a repository before anything large is fetched: does it run here, how large does it become, does it fit? */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import {
  type CheckpointJudgement,
  judgeCheckpoint,
} from '../../../native-models/process/checkpoint-judgement.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import type { Fit, Judgement } from '../../../preload/contract/model-jobs.ts';
import type { Precision } from '../../../preload/contract/precision.ts';
import { createBandwidth } from './hub/bandwidth.ts';
import { chooseCheckpointFiles, isWeightsFile } from './hub/checkpoint-files.ts';
import { downloadFile } from './hub/download-file.ts';
import type { Hub } from './hub/hub-request.ts';
import { parseRepository } from './hub/repository.ts';
import { type HubFile, type Revision, readRevision } from './hub/revision.ts';

/** Files a judgement reads. */
const judgedNames = new Set(['config.json', 'preprocessor_config.json']);

/** A model that takes more of the machine's memory leaves other programs none; up to `full` it works, tightly. */
const comfortableShare = 0.6;
const fullShare = 0.9;

export interface Machine {
  memoryBytes: number;
  freeDiskBytes: number;
}

export const machineMemoryBytes = (): number => totalmem();

/** How a model meets a machine. @param fetchBytes of the checkpoint, which lies on the same disk for a while */
export function fitOf(
  need: { memoryBytes: number; diskBytes: number; fetchBytes: number },
  machine: Machine,
): Fit {
  const share = need.memoryBytes / machine.memoryBytes;
  return {
    memoryBytes: Math.round(need.memoryBytes),
    diskBytes: Math.round(need.diskBytes),
    memory: share <= comfortableShare ? 'fits' : share <= fullShare ? 'tight' : 'too-large',
    hasDisk: need.diskBytes + need.fetchBytes <= machine.freeDiskBytes,
  };
}

/**
 * @param text as `parseRepository` reads it
 * @throws AppError `invalid_request`, `not_found`, `access_denied`, `network_failed`; what can't run is no error but told
 */
export async function judgeRepository(
  hub: Hub,
  text: string,
  { machine, signal }: { machine: Machine; signal: AbortSignal },
): Promise<Judgement & { files: HubFile[]; judged: CheckpointJudgement | null }> {
  const revision = await readRevision(hub, parseRepository(text), signal);
  const { repository, commit, license, isGated } = revision;
  const known = { repository, commit, license, isGated };
  try {
    const files = chooseCheckpointFiles(revision.files);
    const downloadBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const judged = await judgeFiles(hub, revision, { files, signal });
    const fetchBytes = files.filter(isWeightsFile).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const fits = Object.fromEntries(
      (['fp32', 'fp16', 'int8', 'int4'] as const).map((precision) => [
        precision,
        fitOf(
          {
            memoryBytes: judged.loadedBytes[precision],
            diskBytes: judged.folderBytes[precision],
            fetchBytes,
          },
          machine,
        ),
      ]),
    ) as Record<Precision, Fit>;
    return { ...known, downloadBytes, fits, reason: null, files, judged };
  } catch (error) {
    const isRefusal = error instanceof AppError && error.code.startsWith('checkpoint_');
    if (!isRefusal) throw error;
    return { ...known, downloadBytes: 0, fits: null, reason: reportError(error), files: [], judged: null };
  }
}

async function judgeFiles(
  hub: Hub,
  { repository, commit }: Revision,
  { files, signal }: { files: readonly HubFile[]; signal: AbortSignal },
): Promise<CheckpointJudgement> {
  const folder = await mkdtemp(join(tmpdir(), 'internvl-judge-'));
  try {
    for (const file of files.filter(({ name }) => judgedNames.has(name))) {
      const bandwidth = createBandwidth();
      const request = { hub, repository, commit, file, folder, bandwidth, connections: 1, signal };
      await downloadFile({ ...request, onBytes: () => {} });
    }
    return await judgeCheckpoint(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
