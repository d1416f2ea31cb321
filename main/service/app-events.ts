/** What happens in the app, told to every page that watches. */
import { createMailbox, type Mailbox } from '../../native-models/process/mailbox.ts';
import type { AppEvent } from '../../preload/contract/system.ts';

export interface AppEvents {
  publish(event: AppEvent): void;
  /** Events from now on, until the signal is aborted. */
  watch(signal: AbortSignal): AsyncIterable<AppEvent>;
}

export function createAppEvents(): AppEvents {
  const watchers = new Set<Mailbox<AppEvent>>();
  return {
    publish(event) {
      for (const watcher of watchers) watcher.put(event);
    },
    watch(signal) {
      const mailbox = createMailbox<AppEvent>();
      watchers.add(mailbox);
      const leave = () => {
        watchers.delete(mailbox);
        mailbox.close();
      };
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      return mailbox;
    },
  };
}
