/** Makes the day's backup of the conversations soon after the start, and looks every hour whether another is due. */
import { logFault } from './log-fault.ts';
import type { Stores } from './stores.ts';

/** Not while the app is starting. */
const firstAfterMs = 30_000;
const everyMs = 60 * 60 * 1000;

/** @returns how to stop */
export function keepBackups(stores: Stores): () => void {
  const backUp = async () => {
    if (stores.state !== 'ready') return;
    try {
      await stores.kept().backUpDaily();
    } catch (error) {
      logFault(error); // older backups stay, and the next try comes
    }
  };
  const first = setTimeout(backUp, firstAfterMs);
  const regular = setInterval(backUp, everyMs);
  return () => {
    clearTimeout(first);
    clearInterval(regular);
  };
}
