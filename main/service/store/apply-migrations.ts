/** Brings a database to the app's version, one step a transaction; `user_version` says where it stands. */

import { migrations as allMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import type { OpenDatabase } from './open-database.ts';

/** "IVL1" in the file's header: tells our database from any other SQLite file. */
const applicationId = 0x49564c31;

/** What a database is to this app. */
export type Standing = 'fresh' | 'current' | 'older' | 'newer' | 'foreign';

export function readStanding(db: OpenDatabase, migrations = allMigrations): Standing {
  const version = readVersion(db);
  const id = db.pragma('application_id', { simple: true });
  if (version === 0 && id === 0) return isEmpty(db) ? 'fresh' : 'foreign';
  if (id !== applicationId || version < 1) return 'foreign';
  if (version > migrations.length) return 'newer';
  return version < migrations.length ? 'older' : 'current';
}

export function readVersion(db: OpenDatabase): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/**
 * Runs the missing steps. A step and its number commit together, so a kill leaves the old or the new shape.
 * @param beforeStep awaited before each step that changes an existing database: makes its backup
 */
export async function applyMigrations(
  db: OpenDatabase,
  beforeStep: (step: Migration) => Promise<void>,
  migrations: readonly Migration[] = allMigrations,
): Promise<void> {
  const isFresh = readVersion(db) === 0;
  for (const step of migrations.slice(readVersion(db))) {
    if (!isFresh) await beforeStep(step);
    runStep(db, step);
  }
}

function runStep(db: OpenDatabase, step: Migration): void {
  db.transaction(() => {
    db.exec(step.sql);
    const broken = db.pragma('foreign_key_check') as unknown[];
    if (broken.length > 0) throw new Error(`migration ${step.number} leaves ${broken.length} dangling rows`);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${step.number}`);
  }).immediate();
}

function isEmpty(db: OpenDatabase): boolean {
  return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}
