/** Getting models: the catalogue, repositories, downloads, imports, checkpoints, and where all of it lies. */
import { basename, join, sep } from 'node:path';
import type { DeviceTable } from '../../../native-models/process/probe-client.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ModelSettings, modelJobContract } from '../../../preload/contract/model-jobs.ts';
import type { ShellClient } from '../host-contract.ts';
import { deleteCheckpoint, findCheckpoints } from '../models/checkpoints.ts';
import { freeDiskBytes, refuseFullDisk } from '../models/disk.ts';
import type { Bandwidth } from '../models/hub/bandwidth.ts';
import type { Hub } from '../models/hub/hub-request.ts';
import { huggingFaceCache } from '../models/hub/hugging-face-cache.ts';
import type { ModelJobs } from '../models/jobs/model-jobs.ts';
import { judgeRepository, machineMemoryBytes } from '../models/judge-repository.ts';
import type { ModelSettingsFile } from '../models/model-settings.ts';
import { describeCatalogue } from '../models/recommend.ts';
import type { Uploads } from '../uploads.ts';

export function modelJobHandlers(service: {
  jobs: ModelJobs;
  modelSettings: ModelSettingsFile;
  bandwidth: Bandwidth;
  openHub: () => Promise<Hub>;
  uploads: Uploads;
  shell: ShellClient;
  /** Stops what is being fetched or asked over the network. */
  goOffline: () => Promise<void>;
  /** What was measured of this machine; null before. */
  deviceTable: () => DeviceTable | null;
}): Handlers<typeof modelJobContract> {
  const { jobs, modelSettings, bandwidth, openHub, uploads, shell, goOffline } = service;
  const cache = huggingFaceCache(process.env);
  const machine = async () => ({
    memoryBytes: machineMemoryBytes(),
    freeDiskBytes: await freeDiskBytes(modelSettings.libraryFolder()),
  });
  const judge = async (repository: string, signal: AbortSignal) =>
    judgeRepository(await openHub(), repository, { machine: await machine(), signal });
  const describeSettings = async (): Promise<ModelSettings> => {
    const { libraryFolder, bytesPerSecond, idleUnloadMinutes, sealedToken, offline } = modelSettings.get();
    const { freeDiskBytes: freeBytes } = await machine();
    return {
      libraryPlace: modelSettings.libraryFolder().split(sep).slice(-2).join(sep),
      isLibraryMoved: libraryFolder !== null,
      freeBytes,
      bytesPerSecond,
      idleUnloadMinutes,
      hasToken: sealedToken !== null,
      offline,
    };
  };

  return {
    async listCatalogue() {
      const here = await machine();
      return { entries: describeCatalogue(here, service.deviceTable()), ...here };
    },
    async judgeRepository({ repository }, signal) {
      const { files: _, judged: __, ...judgement } = await judge(repository, signal);
      return judgement;
    },
    async startDownload({ repository, precision, keepCheckpoint }, signal) {
      const { files: _, judged, ...judgement } = await judge(repository, signal);
      if (!judged) throw new AppError(judgement.reason!.code, judgement.reason!.message);
      const copyBytes = judged.folderBytes[precision];
      await refuseFullDisk(modelSettings.libraryFolder(), judgement.downloadBytes + copyBytes);
      const isUnderWay = jobs
        .list()
        .some((job) => job.kind === 'download' && job.name === judgement.repository && job.state !== 'done');
      if (isUnderWay) throw new AppError('invalid_request', 'This model is being downloaded already.');
      const jobId = await jobs.start({
        kind: 'download',
        name: judgement.repository,
        repository: judgement.repository,
        commit: judgement.commit,
        precision,
        keepCheckpoint,
        license: judgement.license,
        copyBytes,
        modelId: null,
      });
      return { jobId };
    },
    async startImport({ source, precision }) {
      const found =
        source.type === 'upload' ? uploads.findFile(source.uploadId) : await findHere(source.name);
      const jobId = await jobs.start({
        kind: 'import',
        name: found.name,
        path: found.path,
        precision,
        modelId: null,
      });
      return { jobId };
    },
    async repairModel({ id }) {
      const isUnderWay = jobs
        .list()
        .some(({ kind, modelId, state }) => kind === 'repair' && modelId === id && state !== 'done');
      if (isUnderWay) throw new AppError('invalid_request', 'This model is being repaired already.');
      return { jobId: await jobs.start({ kind: 'repair', name: id, modelId: id }) };
    },
    listModelJobs: async () => ({ jobs: jobs.list() }),
    async pauseModelJob({ jobId }) {
      await jobs.pause(jobId);
      return {};
    },
    async resumeModelJob({ jobId }) {
      await jobs.resume(jobId);
      return {};
    },
    async cancelModelJob({ jobId }) {
      await jobs.cancel(jobId);
      return {};
    },
    async listCheckpoints() {
      const found = await findCheckpoints(modelSettings.libraryFolder(), cache);
      return { checkpoints: found.map(({ folder: _, ...checkpoint }) => checkpoint) };
    },
    async deleteCheckpoint({ name }) {
      if (jobs.list().some(({ state }) => state === 'running'))
        throw new AppError(
          'invalid_request',
          'Wait until downloads and imports have ended, or cancel them; then delete it.',
        );
      await deleteCheckpoint(modelSettings.libraryFolder(), name);
      return {};
    },
    getModelSettings: describeSettings,
    async updateModelSettings({ patch: { token, ...patch } }) {
      const sealed =
        token === undefined
          ? {}
          : { sealedToken: token === null ? null : (await shell.encryptSecret({ text: token })).sealed };
      await modelSettings.update({ ...patch, ...sealed });
      if (patch.offline) await goOffline();
      if (patch.bytesPerSecond !== undefined) bandwidth.limit(patch.bytesPerSecond);
      return describeSettings();
    },
    async moveLibrary({ uploadId }) {
      const folder = uploadId === null ? null : join(uploads.findFile(uploadId).path, 'InternVL models');
      const name = folder === null ? 'models' : basename(folder);
      return { jobId: await jobs.start({ kind: 'move', name, target: folder }) };
    },
  };

  async function findHere(name: string): Promise<{ path: string; name: string }> {
    const all = await findCheckpoints(modelSettings.libraryFolder(), cache);
    const found = all.find((checkpoint) => checkpoint.name === name);
    if (!found) throw new AppError('not_found', 'This checkpoint is not on this machine any more.');
    return { path: found.folder, name: name.split('/').at(-1)!.replace(/@.*$/, '') };
  }
}
