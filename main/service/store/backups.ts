/** Copies of the database: one a day and one before each migration, checked when made, the newest seven kept. */
import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { checkDatabaseInThread } from './check-database.ts';
import { type OpenDatabase, openForReading } from './open-database.ts';

const backupsToKeep = 7;
const dayMs = 24 * 60 * 60 * 1000;
const backupName = /^conversations-(\d{13})-[a-z0-9-]+\.db$/;

export interface Backup {
  path: string;
  madeAtMs: number;
}

/** Newest first. */
export async function listBackups(folder: string): Promise<Backup[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .flatMap((name) => {
      const madeAt = backupName.exec(name)?.[1];
      return madeAt ? [{ path: join(folder, name), madeAtMs: Number(madeAt) }] : [];
    })
    .sort((a, b) => b.madeAtMs - a.madeAtMs);
}

/**
 * Copies the open database page by page (the event loop runs on), checks the copy and only then gives it its name.
 * @param reason part of the file's name: `daily`, `before-2`
 * @throws when the copy does not pass the check; older backups stay
 */
export async function makeBackup(db: OpenDatabase, folder: string, reason: string): Promise<Backup> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeUnfinished(folder);
  const newest = (await listBackups(folder))[0];
  // Strictly rising even when the clock goes back.
  const madeAtMs = Math.max(Date.now(), (newest?.madeAtMs ?? 0) + 1);
  const path = join(folder, `conversations-${madeAtMs}-${reason}.db`);
  const unfinished = `${path}.part`;
  try {
    await db.backup(unfinished);
    await chmod(unfinished, 0o600);
    tidyCopy(unfinished);
    const problems = await checkDatabaseInThread(unfinished);
    if (problems.length > 0) throw new Error(`the backup ${basename(path)} is damaged: ${problems[0]}`);
    await sync(unfinished);
    await rename(unfinished, path);
  } finally {
    await removeDatabase(unfinished);
  }
  for (const old of (await listBackups(folder)).slice(backupsToKeep)) await removeDatabase(old.path);
  return { path, madeAtMs };
}

/** Whether a day has passed since the newest backup; a clock that went back a day or more counts as passed. */
export async function isBackupDue(folder: string, nowMs: number): Promise<boolean> {
  const newest = (await listBackups(folder))[0];
  return newest === undefined || Math.abs(nowMs - newest.madeAtMs) >= dayMs;
}

/** The newest backup that still passes the check, or null. */
export async function findSoundBackup(folder: string): Promise<Backup | null> {
  for (const backup of await listBackups(folder)) {
    if ((await checkDatabaseInThread(backup.path)).length === 0 && hasSchema(backup.path)) return backup;
  }
  return null;
}

function hasSchema(path: string): boolean {
  const db = openForReading(path);
  try {
    return Number(db.pragma('user_version', { simple: true })) > 0;
  } finally {
    db.close();
  }
}

/**
 * A copy of a WAL database is one too, and would need two more files just to be read. Drafts stay out: what a person typed
 * and took back must not lie in seven backups.
 */
function tidyCopy(path: string): void {
  const copy = new Database(path);
  try {
    copy.pragma('journal_mode = DELETE');
    copy.pragma('secure_delete = ON');
    copy.pragma('foreign_keys = ON');
    copy.exec('DELETE FROM draft');
  } finally {
    copy.close();
  }
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.includes('.part')) await rm(join(folder, name), { force: true });
  }
}

async function removeDatabase(path: string): Promise<void> {
  for (const ending of ['', '-wal', '-shm', '-journal']) await rm(path + ending, { force: true });
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
