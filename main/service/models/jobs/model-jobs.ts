/** The long work that brings models here: its list, its progress, and pausing, going on, cancelling, also over a restart. */
import { randomUUID } from 'node:crypto';
import { AppError, reportError } from '../../../../preload/contract/errors.ts';
import { type ModelId, type ModelJobId, modelJobIdSchema } from '../../../../preload/contract/ids.ts';
import type { ModelJob } from '../../../../preload/contract/model-jobs.ts';
import type { JobRecord, JobRecords } from './job-records.ts';

export type JobProgress = Partial<
  Pick<ModelJob, 'step' | 'done' | 'total' | 'bytesPerSecond' | 'timeLeftMs'>
>;

export interface JobControl {
  signal: AbortSignal;
  report(progress: JobProgress): void;
  /** Keeps what a later run needs to go on. */
  note(record: JobRecord): Promise<void>;
}

export interface JobWork {
  /** Does the work, or the rest of it; throws the signal's reason after an abort. */
  run(record: JobRecord, control: JobControl): Promise<ModelId | null>;
  /** Removes what a job left that shall not go on. */
  discard(record: JobRecord): Promise<void>;
}

/** A record without what the list itself knows. */
export type NewJob = JobRecord extends infer R
  ? R extends JobRecord
    ? Omit<R, 'id' | 'isPaused'>
    : never
  : never;

export interface ModelJobs {
  list(): ModelJob[];
  /** @throws AppError `invalid_request` where a move of the library would run beside other work */
  start(job: NewJob): Promise<ModelJobId>;
  /** @throws AppError `not_found` */
  pause(id: ModelJobId): Promise<void>;
  /** @throws AppError `not_found`, `invalid_request` as `start` */
  resume(id: ModelJobId): Promise<void>;
  cancel(id: ModelJobId): Promise<void>;
  /** Stops all of them, to go on at the next start. */
  close(): Promise<void>;
}

interface Job {
  record: JobRecord;
  shown: ModelJob;
  running: { stop: AbortController; ended: Promise<void> } | null;
}

/** Progress comes many times a millisecond; people and frames need less. */
const tellEveryMs = 250;

export function createModelJobs(service: {
  records: JobRecords;
  work: JobWork;
  onChange: (jobs: ModelJob[]) => void;
}): ModelJobs {
  const { records, work } = service;
  const jobs = new Map<ModelJobId, Job>();
  const list = () => [...jobs.values()].map(({ shown }) => shown);
  let telling: NodeJS.Timeout | null = null;
  const tell = () => {
    if (telling) clearTimeout(telling);
    telling = null;
    service.onChange(list());
  };
  const tellSoon = () => {
    telling ??= setTimeout(tell, tellEveryMs).unref();
  };
  const change = (job: Job, shown: Partial<ModelJob>) => {
    job.shown = { ...job.shown, ...shown };
  };

  function add(record: JobRecord): Job {
    const job: Job = { record, shown: begun(record), running: null };
    jobs.set(record.id, job);
    return job;
  }

  function run(job: Job): void {
    const stop = new AbortController();
    change(job, { ...begun(job.record), state: 'running' });
    const control: JobControl = {
      signal: stop.signal,
      report(progress) {
        change(job, progress);
        tellSoon();
      },
      async note(record) {
        job.record = record;
        await records.put(record);
      },
    };
    const ended = work
      .run(job.record, control)
      .then(async (modelId) => {
        change(job, { state: 'done', modelId, done: job.shown.total });
        await records.remove(job.record.id);
      })
      .catch((error: unknown) => {
        if (stop.signal.aborted) change(job, { state: 'paused', bytesPerSecond: null, timeLeftMs: null });
        else
          change(job, { state: 'failed', error: reportError(error), bytesPerSecond: null, timeLeftMs: null });
      })
      .finally(() => {
        job.running = null;
        tell();
      });
    job.running = { stop, ended };
    tell();
  }

  const find = (id: ModelJobId): Job => {
    const job = jobs.get(id);
    if (!job) throw new AppError('not_found', 'This download or import has ended already.');
    return job;
  };
  const stop = async (job: Job) => {
    job.running?.stop.abort(new DOMException('stopped', 'AbortError'));
    await job.running?.ended;
  };

  for (const record of records.all) {
    const job = add(record);
    if (!record.isPaused && record.kind !== 'move') run(job);
  }

  return {
    list,
    async start(wanted) {
      const id = modelJobIdSchema.parse(randomUUID());
      const record = { ...wanted, id, isPaused: false } as JobRecord;
      refuseBesideMove(record, list());
      run(add(record)); // listed before anything is awaited, so that two starts see each other
      await records.put(record);
      return id;
    },
    async pause(id) {
      const job = find(id);
      job.record = { ...job.record, isPaused: true };
      await records.put(job.record);
      await stop(job);
    },
    async resume(id) {
      const job = find(id);
      if (job.running || job.shown.state === 'done') return;
      refuseBesideMove(job.record, list());
      job.record = { ...job.record, isPaused: false };
      run(job);
      await records.put(job.record);
    },
    async cancel(id) {
      const job = find(id);
      await stop(job);
      if (job.shown.state !== 'done') await work.discard(job.record);
      jobs.delete(id);
      await records.remove(id);
      tell();
    },
    async close() {
      if (telling) clearTimeout(telling);
      await Promise.all([...jobs.values()].map(stop));
    },
  };
}

/** A move copies the library and empties the old folder: what another job puts there meanwhile, or has left there to go on with, would be lost. */
function refuseBesideMove(wanted: JobRecord, all: readonly ModelJob[]): void {
  const others = all.filter(({ id, state }) => id !== wanted.id && state !== 'done');
  if (others.some(({ kind, state }) => kind === 'move' && state === 'running'))
    throw new AppError('invalid_request', 'The library is being moved. Wait until that has ended.');
  if (wanted.kind === 'move' && others.some(({ kind }) => kind !== 'move')) {
    const sentence =
      'Let downloads and imports come to their end, or cancel them, also paused ones; then move the library.';
    throw new AppError('invalid_request', sentence);
  }
}

function begun(record: JobRecord): ModelJob {
  return {
    id: record.id,
    kind: record.kind,
    name: record.name,
    precision: 'precision' in record ? record.precision : null,
    state: 'paused',
    step: record.kind === 'download' ? 'fetching' : 'copying',
    done: 0,
    total: 0,
    bytesPerSecond: null,
    timeLeftMs: null,
    error: null,
    modelId: record.kind === 'repair' ? record.modelId : null,
  };
}
