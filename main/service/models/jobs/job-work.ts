/** What each kind of job does: fetch, unpack or find a checkpoint, convert it, and clean up behind itself. */
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { manifestFile } from '../../../../native-models/process/convert-client.ts';
import { AppError } from '../../../../preload/contract/errors.ts';
import type { ModelId } from '../../../../preload/contract/ids.ts';
import { checkpointsFolder } from '../checkpoints.ts';
import { fetchCheckpoint, forgetFetch } from '../fetch-checkpoint.ts';
import type { Bandwidth } from '../hub/bandwidth.ts';
import type { DownloadState } from '../hub/download-checkpoint.ts';
import type { Hub } from '../hub/hub-request.ts';
import { huggingFaceCache } from '../hub/hugging-face-cache.ts';
import { isImportedFile } from '../imported-files.ts';
import type { ModelLibrary } from '../model-library.ts';
import type { ModelOrigin } from '../model-origin.ts';
import { moveLibrary } from '../move-library.ts';
import { type OpenOrigin, openOrigin } from '../open-origin.ts';
import { unpackZip } from '../unpack-zip.ts';
import type { DownloadRecord, ImportRecord, MoveRecord, RepairRecord } from './job-records.ts';
import type { JobControl, JobProgress, JobWork } from './model-jobs.ts';

export interface JobWorkParts {
  library: ModelLibrary;
  libraryFolder: () => string;
  profileLibraryFolder: string;
  bandwidth: Bandwidth;
  /** With the token, where there is one. */
  openHub: () => Promise<Hub>;
  /** Makes a folder the library, between answers and with no model loaded. */
  switchLibrary: (target: string | null) => Promise<void>;
  /** Between answers; a model that is being mended can't stay loaded. */
  unloadModel: () => Promise<void>;
  onModels: () => void;
}

export function jobWork(parts: JobWorkParts): JobWork {
  const { library, libraryFolder } = parts;
  let lastConversion: Promise<unknown> = Promise.resolve();

  /** One after the other: two at once would need twice the memory, and no disk is twice as fast. */
  async function convert(
    record: DownloadRecord | ImportRecord,
    checkpoint: { path: string; name: string; origin: ModelOrigin },
    { signal, report, note }: JobControl,
  ): Promise<ModelId> {
    report({ step: 'converting', done: 0, total: 0, bytesPerSecond: null, timeLeftMs: null });
    const before = lastConversion;
    const own = before.then(async () => {
      signal.throwIfAborted();
      if (record.modelId && (await library.has(record.modelId))) return record.modelId; // killed just after
      // A run that was killed or paused has claimed a name already; what it left there is gone on with.
      const { precision } = record;
      const id = record.modelId ?? (await library.claimId({ ...checkpoint, precision }));
      await note({ ...record, modelId: id });
      const began = performance.now();
      const model = await library.convert(
        { path: checkpoint.path, origin: checkpoint.origin, precision, id },
        {
          signal,
          onProgress: ({ done, total }) => {
            const elapsedMs = performance.now() - began;
            const timeLeftMs = done > 0 && elapsedMs > 1000 ? (elapsedMs / done) * (total - done) : null;
            report({ done: Math.round(done), total: Math.round(total), timeLeftMs });
          },
        },
      );
      signal.throwIfAborted();
      if (!model) throw new AppError('internal', 'The conversion ended without a model.');
      parts.onModels();
      return model.id;
    });
    lastConversion = own.catch(() => {});
    return own;
  }

  async function download(record: DownloadRecord, control: JobControl): Promise<ModelId> {
    const hub = await parts.openHub();
    const { signal, report } = control;
    const { folder } = await fetchCheckpoint({
      hub,
      library: libraryFolder(),
      repository: record.repository,
      commit: record.commit,
      copyBytes: record.copyBytes,
      bandwidth: parts.bandwidth,
      onProgress: (state) => report(fetching(state)),
      signal,
    });
    const { repository, commit, license } = record;
    const origin = { type: 'hub', repository, commit, license } as const;
    const id = await convert(record, { path: folder, name: basename(repository), origin }, control);
    if (!record.keepCheckpoint) await rm(folder, { recursive: true, force: true });
    return id;
  }

  async function importFrom(record: ImportRecord, control: JobControl): Promise<ModelId> {
    const found = await stat(record.path).catch(() => null);
    if (!found)
      throw new AppError(
        'file_unreadable',
        'What was to be imported is not there any more. Connect its disk.',
      );
    if (found.isFile()) return importZip(record, control);
    if (await isModel(record.path)) return adopt(record, control, record.path);
    const { path, name } = record;
    return convert(record, { path, name, origin: { type: 'path', path } }, control);
  }

  async function importZip(record: ImportRecord, control: JobControl): Promise<ModelId> {
    const { signal, report } = control;
    const folder = unpackedFolder(record);
    if (!(await stat(folder).catch(() => null))) {
      const onProgress = (done: number, total: number) => report({ step: 'copying', done, total });
      const { size } = await stat(record.path);
      const request = { archive: record.path, folder, copyBytes: size, onProgress, signal };
      await unpackZip({ ...request, wants: isImportedFile });
    }
    const origin = { type: 'path', path: record.path } as const;
    const id = (await isModel(folder))
      ? await adopt(record, control, folder)
      : await convert(record, { path: folder, name: record.name.replace(/\.zip$/i, ''), origin }, control);
    await rm(folder, { recursive: true, force: true });
    return id;
  }

  async function adopt(record: ImportRecord, { signal, report }: JobControl, from: string): Promise<ModelId> {
    const onProgress = (done: number, total: number) => report({ step: 'copying', done, total });
    const found = { path: from, name: record.name, origin: record.path };
    const { id } = await library.adopt(found, { signal, onProgress });
    parts.onModels();
    return id;
  }

  async function move({ target }: MoveRecord, { signal, report }: JobControl): Promise<null> {
    await moveLibrary({
      from: libraryFolder(),
      to: target ?? parts.profileLibraryFolder,
      onProgress: (done, total) => report({ step: 'copying', done, total }),
      onCopied: () => parts.switchLibrary(target),
      signal,
    });
    parts.onModels();
    return null;
  }

  async function repair({ modelId }: RepairRecord, { signal, report }: JobControl): Promise<ModelId> {
    await parts.unloadModel();
    let opened: OpenOrigin | null = null;
    try {
      await library.repair(modelId, {
        signal,
        async openOrigin(origin, damaged) {
          opened = await openOrigin(origin, {
            damaged,
            library: libraryFolder(),
            cache: huggingFaceCache(process.env),
            openHub: parts.openHub,
            bandwidth: parts.bandwidth,
            onFetching: (state) => report(fetching(state)),
            onUnpacking: (done, total) => report({ step: 'copying', done, total }),
            signal,
          });
          return opened.folder;
        },
        onProgress: ({ done, total }) =>
          report({ step: 'converting', done: Math.round(done), total: Math.round(total), timeLeftMs: null }),
      });
    } finally {
      await (opened as OpenOrigin | null)?.close();
    }
    parts.onModels();
    return modelId;
  }

  const unpackedFolder = ({ id }: ImportRecord) => join(libraryFolder(), checkpointsFolder, `unpacked-${id}`);
  const isModel = async (folder: string) => !!(await stat(join(folder, manifestFile)).catch(() => null));

  return {
    async run(record, control) {
      if (record.kind === 'download') return download(record, control);
      if (record.kind === 'import') return importFrom(record, control);
      if (record.kind === 'repair') return repair(record, control);
      return move(record, control);
    },
    async discard(record) {
      if (record.kind === 'move' || record.kind === 'repair') return;
      if (record.modelId) await library.discardClaim(record.modelId);
      if (record.kind === 'download') await forgetFetch(libraryFolder(), record.repository);
      else await rm(unpackedFolder(record), { recursive: true, force: true });
    },
  };
}

function fetching({ doneBytes, totalBytes, bytesPerSecond, timeLeftMs }: DownloadState): JobProgress {
  return { step: 'fetching', done: doneBytes, total: totalBytes, bytesPerSecond, timeLeftMs };
}
