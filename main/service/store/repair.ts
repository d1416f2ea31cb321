/**
 * Brings a profile with a damaged database back: the damaged file is kept aside untouched, and a new one is made of all
 * rows that can still be read and, where they can't, of the newest sound backup.
 */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { applyMigrations } from './apply-migrations.ts';
import { type Backup, findSoundBackup } from './backups.ts';
import { replaceStart } from './first-page.ts';
import { mendDanglingRows } from './mend-dangling-rows.ts';
import { type OpenDatabase, openDatabase, openForReading } from './open-database.ts';
import { storePaths } from './open-store.ts';
import { readableRows, rowsUntilDamage, type StoredRow } from './readable-rows.ts';

export interface RepairReport {
  /** Folder inside the profile that keeps the damaged file. */
  keptIn: string;
  backupMadeAtMs: number | null;
  conversations: number;
  messages: number;
  /** Messages that could only be taken from the backup. */
  messagesFromBackup: number;
  /** Stretches of the damaged file that could not be read; what was written there since the backup is lost. */
  unreadablePlaces: number;
  /** Rows that were readable but made no sense. */
  refusedRows: number;
}

const tables = ['folder', 'tag', 'conversation', 'message', 'attachment', 'part', 'generation', 'draft'];
const tablesWithoutRowid = ['conversation_tag', 'answer_journal', 'draft_attachment', 'setting'];

/**
 * Repairs what `openStore` called damaged; open the store again afterwards. A kill meanwhile leaves either the damaged
 * file in its place or a complete new one.
 */
export async function repairStore(profileFolder: string): Promise<RepairReport> {
  const paths = storePaths(profileFolder);
  const kept = join(paths.damaged, String(Date.now()));
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  copyDatabase(paths.database, join(kept, basename(paths.database)));

  const backup = await findSoundBackup(paths.backups);
  const working = join(paths.damaged, 'working');
  rmSync(working, { recursive: true, force: true });
  mkdirSync(working, { mode: 0o700 });
  try {
    const copy = join(working, 'damaged.db');
    copyDatabase(paths.database, copy);
    const repaired = join(working, 'repaired.db');
    const report = await rebuild(repaired, copy, backup);
    for (const ending of ['-wal', '-shm']) rmSync(paths.database + ending, { force: true });
    renameSync(repaired, paths.database);
    return { keptIn: join(basename(paths.damaged), basename(kept)), ...report };
  } finally {
    rmSync(working, { recursive: true, force: true });
  }
}

/** The same in a thread of its own: a large history takes minutes, and whoever is asked meanwhile must be able to answer. */
export function repairStoreInThread(profileFolder: string): Promise<RepairReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./repair-thread.ts', import.meta.url), { workerData: profileFolder });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function rebuild(
  path: string,
  damagedPath: string,
  backup: Backup | null,
): Promise<Omit<RepairReport, 'keptIn'>> {
  const db = openDatabase(path);
  try {
    await applyMigrations(db, async () => {});
    db.pragma('foreign_keys = OFF');
    db.pragma('wal_checkpoint(TRUNCATE)'); // its first page may be needed, and is read from the file
    const counts = { unreadablePlaces: 0, refusedRows: 0 };
    const rebuildAll = db.transaction(() => {
      const damaged = openDamaged(damagedPath, backup, path);
      if (damaged === null) counts.unreadablePlaces = 1;
      else copyReadable(damaged, db, counts);
      damaged?.close();
      const messagesBefore = count(db, 'message');
      if (backup) copyMissing(backup.path, db, counts);
      const messagesFromBackup = count(db, 'message') - messagesBefore;
      mendDanglingRows(db);
      return messagesFromBackup;
    });
    const messagesFromBackup = rebuildAll.immediate();
    return {
      backupMadeAtMs: backup?.madeAtMs ?? null,
      conversations: count(db, 'conversation'),
      messages: count(db, 'message'),
      messagesFromBackup,
      ...counts,
    };
  } finally {
    db.close(); // empties the log into the file
  }
}

type Counts = Pick<RepairReport, 'unreadablePlaces' | 'refusedRows'>;

function copyReadable(from: OpenDatabase, to: OpenDatabase, counts: Counts): void {
  const onGap = () => counts.unreadablePlaces++;
  for (const table of tables) insertRows(to, table, () => readableRows(from, table, onGap), counts);
  for (const table of tablesWithoutRowid)
    insertRows(to, table, () => rowsUntilDamage(from, table, onGap), counts);
}

/** What the damaged file did not give. Deleted conversations don't come back: deleting cleans the backups too. */
function copyMissing(backupPath: string, to: OpenDatabase, counts: Counts): void {
  const backup = openForReading(backupPath);
  try {
    for (const table of [...tables, ...tablesWithoutRowid]) {
      insertRows(to, table, () => backup.prepare<[], StoredRow>(`SELECT * FROM ${table}`).iterate(), counts);
    }
  } finally {
    backup.close();
  }
}

function insertRows(to: OpenDatabase, table: string, rows: () => Iterable<StoredRow>, counts: Counts): void {
  const columns = to.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  // OR IGNORE: a row that is there already came from the newer source.
  const insert = to.prepare(
    `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`,
  );
  const empty = Object.fromEntries(columns.map((name) => [name, null]));
  try {
    for (const row of rows()) {
      try {
        insert.run({ ...empty, ...row });
      } catch {
        counts.refusedRows++;
      }
    }
  } catch {
    counts.unreadablePlaces++; // the table itself is gone
  }
}

/**
 * Null when not even the list of tables can be read. The header always comes from a sound file: a wrong size in it hides
 * pages that are there. A lost first page is replaced by a sound one of the same shape.
 */
function openDamaged(path: string, backup: Backup | null, fresh: string): OpenDatabase | null {
  if (!replaceStart(path, fresh, 'header')) return null;
  for (const template of [null, ...(backup ? [backup.path] : []), fresh]) {
    if (template !== null) replaceStart(path, template, 'page');
    const db = openReadable(path);
    if (db) return db;
  }
  return null;
}

function openReadable(path: string): OpenDatabase | null {
  let db: OpenDatabase | null = null;
  try {
    db = openForReading(path);
    db.pragma('writable_schema = ON'); // lets a damaged entry of one table not hide the others
    db.prepare('SELECT key FROM message LIMIT 0').all();
    return db;
  } catch {
    db?.close();
    return null;
  }
}

function copyDatabase(from: string, to: string): void {
  for (const ending of ['', '-wal']) if (existsSync(from + ending)) copyFileSync(from + ending, to + ending);
}

function count(db: OpenDatabase, table: string): number {
  return Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}
