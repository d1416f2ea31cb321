/** Unfinished jobs on the disk, so that a download or import goes on after the app was closed or killed. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { modelIdSchema, modelJobIdSchema } from '../../../../preload/contract/ids.ts';
import { precisionSchema } from '../../../../preload/contract/precision.ts';

const common = {
  id: modelJobIdSchema,
  /** As lists show it. */
  name: z.string(),
  /** A person stopped it; else it goes on by itself when the app starts. */
  isPaused: z.boolean(),
};

const jobRecordSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('download'),
    repository: z.string(),
    /** Every run fetches this one, whatever the branch does meanwhile. */
    commit: z.string(),
    precision: precisionSchema,
    keepCheckpoint: z.boolean(),
    license: z.string().nullable().default(null),
    /** That the converted copy will take. */
    copyBytes: z.number().nonnegative(),
    /** Name in the library that the conversion has claimed; null before. */
    modelId: modelIdSchema.nullable(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('import'),
    /** Folder or zip on this machine. Never shown to pages. */
    path: z.string(),
    precision: precisionSchema,
    modelId: modelIdSchema.nullable(),
  }),
  /** Damaged files are looked for anew, and those mended before are whole then. */
  z.strictObject({ ...common, kind: z.literal('repair'), modelId: modelIdSchema }),
  /** A move begun anew would copy all again, so it is not gone on with by itself. */
  z.strictObject({ ...common, kind: z.literal('move'), target: z.string().nullable() }),
]);

export type JobRecord = z.infer<typeof jobRecordSchema>;
export type DownloadRecord = Extract<JobRecord, { kind: 'download' }>;
export type ImportRecord = Extract<JobRecord, { kind: 'import' }>;
export type RepairRecord = Extract<JobRecord, { kind: 'repair' }>;
export type MoveRecord = Extract<JobRecord, { kind: 'move' }>;

export interface JobRecords {
  readonly all: readonly JobRecord[];
  put(record: JobRecord): Promise<void>;
  remove(id: JobRecord['id']): Promise<void>;
}

export async function openJobRecords(path: string): Promise<JobRecords> {
  let all = await read(path);
  let writing: Promise<void> = Promise.resolve();
  const save = () => {
    writing = writing.then(async () => {
      await writeFile(`${path}.new`, JSON.stringify(all, null, 1), { mode: 0o600 });
      await rename(`${path}.new`, path);
    });
    return writing.catch(() => {
      writing = Promise.resolve(); // a profile that can't be written forgets its jobs, and does them all the same
    });
  };
  return {
    get all() {
      return all;
    },
    put(record) {
      const isNew = !all.some(({ id }) => id === record.id);
      all = isNew ? [...all, record] : all.map((old) => (old.id === record.id ? record : old));
      return save();
    },
    remove(id) {
      all = all.filter((record) => record.id !== id);
      return save();
    },
  };
}

async function read(path: string): Promise<JobRecord[]> {
  try {
    return z.array(jobRecordSchema).parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return []; // none yet
  }
}
