/** Opens the store of a profile: database, vault, backups; or says why it can't be opened. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openMemoryVault, openVault, type Vault } from '../vault.ts';
import { answerStore } from './answers.ts';
import { applyMigrations, readStanding, readVersion } from './apply-migrations.ts';
import { attachmentStore } from './attachments.ts';
import { isBackupDue, listBackups, makeBackup } from './backups.ts';
import { findProblems } from './check-database.ts';
import { conversationStore } from './conversations.ts';
import { draftStore } from './drafts.ts';
import { earlierQuestionStore } from './earlier-questions.ts';
import { folderStore } from './folders.ts';
import { messageStore } from './messages.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { removalStore } from './removal.ts';
import { searchStore } from './search.ts';
import { settingsStore } from './settings.ts';
import { isSqliteError, kindOfFault, storeFault, withTypedFaults } from './store-fault.ts';
import { treeImport } from './tree-import.ts';
import { unusedFiles } from './unused-files.ts';

/** Where things lie in a profile folder. */
export const storePaths = (profileFolder: string) => ({
  database: join(profileFolder, 'conversations.db'),
  attachments: join(profileFolder, 'attachments'),
  backups: join(profileFolder, 'backups'),
  damaged: join(profileFolder, 'damaged'),
});

export type Store = ReturnType<typeof composeStore>;

/** What opening led to. Only `ready` has touched anything besides folders and an empty file. */
export type Opening =
  | { state: 'ready'; store: Store; interruptedAnswers: number; missingFiles: number }
  /** Written by a newer version of the app, or by another program: left alone. */
  | { state: 'newer'; databaseVersion: number }
  /** `repairStore` keeps the file aside and recovers what can be read. */
  | { state: 'damaged'; reason: string }
  | { state: 'read-only' | 'disk-full' | 'in-use' };

/** Up to this size the whole database is checked at every opening (0.1 s); above, its backups are, once a day. */
const checkedAtOpeningBytes = 64 * 1024 * 1024;

/**
 * Opens or creates the store. Never deletes; faults of the file or disk are states, not exceptions.
 * @param options.migrations for tests of migrations; default: all
 */
export async function openStore(
  profileFolder: string,
  options: { migrations?: typeof allMigrations } = {},
): Promise<Opening> {
  const paths = storePaths(profileFolder);
  const migrations = options.migrations ?? allMigrations;
  let db: OpenDatabase | null = null;
  let isSound = false;
  try {
    db = openDatabase(paths.database);
    const standing = readStanding(db, migrations);
    if (standing === 'newer' || standing === 'foreign') {
      const databaseVersion = readVersion(db);
      db.close();
      return standing === 'newer'
        ? { state: 'newer', databaseVersion }
        : { state: 'damaged', reason: 'The file is not a database of this app.' };
    }
    // An empty file beside backups is a loss, not a beginning.
    if (standing === 'fresh' && (await listBackups(paths.backups)).length > 0) {
      db.close();
      return { state: 'damaged', reason: 'The database is empty or missing, but there are backups of it.' };
    }
    const problems = statSync(paths.database).size <= checkedAtOpeningBytes ? findProblems(db) : [];
    if (problems.length > 0) {
      db.close();
      return { state: 'damaged', reason: problems[0]! };
    }
    isSound = true;
    const open = db;
    await applyMigrations(
      open,
      async (step) => void (await makeBackup(open, paths.backups, `before-${step.number}`)),
      migrations,
    );
    const store = composeStore(open, openVault(paths.attachments), paths.backups);
    const interruptedAnswers = store.settleInterrupted();
    const missingFiles = (await store.cleanUp()).length;
    return { state: 'ready', store, interruptedAnswers, missingFiles };
  } catch (error) {
    db?.close();
    const kind = kindOfFault(error);
    // Before the checks have passed, any other complaint of SQLite is about the file, such as "unsupported file format".
    if (kind === 'damaged' || (kind === null && !isSound && isSqliteError(error))) {
      return { state: 'damaged', reason: error instanceof Error ? error.message : 'unreadable' };
    }
    if (kind !== null) return { state: kind };
    throw storeFault(error);
  }
}

/** The same store in memory, for temporary conversations: not a byte of it reaches the disk. */
export async function openTemporaryStore(): Promise<Store> {
  const db = openDatabase(':memory:');
  await applyMigrations(db, async () => {});
  return composeStore(db, openMemoryVault(), null);
}

/** @param backupFolder null for the store in memory */
function composeStore(db: OpenDatabase, vault: Vault, backupFolder: string | null) {
  const files = unusedFiles(db, vault);
  const messages = messageStore(db);
  const removal = removalStore(db, files, backupFolder);
  return withTypedFaults({
    ...conversationStore(db, { temporary: backupFolder === null }),
    ...messages,
    ...answerStore(db, messages),
    ...attachmentStore(db, vault),
    ...draftStore(db, files),
    ...earlierQuestionStore(db),
    ...folderStore(db),
    ...settingsStore(db),
    ...searchStore(db),
    ...removal,
    ...treeImport(db),
    /** Finishes deletions that a kill cut off and removes files nobody points to; returns attachments whose file is missing. */
    async cleanUp() {
      const missing = await files.sweep(Date.now());
      await removal.finishRemovals();
      return missing;
    },
    /** Makes the day's backup where it is due; call it at start and every hour. Returns whether one was made. */
    async backUpDaily(nowMs = Date.now()): Promise<boolean> {
      if (backupFolder === null || !(await isBackupDue(backupFolder, nowMs))) return false;
      await makeBackup(db, backupFolder, 'daily');
      return true;
    },
    /** Problems in SQLite's words; empty when sound. Takes seconds on a large database. */
    checkIntegrity: () => findProblems(db),
    closeStore(): void {
      if (db.open) db.close();
    },
  });
}
