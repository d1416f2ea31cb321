/** What happens, told to everybody who watches; each reads at a pace of their own. */
import { createMailbox, type Mailbox } from './mailbox.ts';

export interface Broadcast<T> {
  put(value: T): void;
  /** `first`, then what is put from now on, until the signal is aborted or the broadcast is closed. */
  watch(signal: AbortSignal, first?: readonly T[]): AsyncIterable<T>;
  /** Ends every watcher's iteration; who watches later gets `first` alone. */
  close(): void;
}

export function createBroadcast<T>(): Broadcast<T> {
  const watchers = new Set<Mailbox<T>>();
  let isClosed = false;
  return {
    put(value) {
      for (const watcher of watchers) watcher.put(value);
    },
    watch(signal, first = []) {
      const mailbox = createMailbox<T>();
      for (const value of first) mailbox.put(value);
      const leave = () => {
        watchers.delete(mailbox);
        mailbox.close();
      };
      watchers.add(mailbox);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted || isClosed) leave();
      return mailbox;
    },
    close() {
      isClosed = true;
      for (const watcher of watchers) watcher.close();
      watchers.clear();
    },
  };
}
