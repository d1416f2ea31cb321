/** Texts of pages and documents, kept in memory for the next turn of the conversation that reads them. */
import { type FileText, readText } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { WantedText } from '../answering/message-content.ts';
import type { Store } from '../store/open-store.ts';
import { type Passwords, sourceOf, withNamedFaults } from './attachment-source.ts';
import { createSizedCache } from './sized-cache.ts';

const mostCharacters = 16_000_000;

export interface FileTexts {
  /** Null when the signal was aborted first. @throws AppError as the media process's `readText` */
  read(store: Store, wanted: WantedText, signal?: AbortSignal): Promise<FileText | null>;
}

export function createFileTexts(media: MediaClient, passwords: Passwords): FileTexts {
  const cache = createSizedCache<FileText>(mostCharacters, ({ text }) => text.length);
  return {
    async read(store, { attachmentId, name, page }, signal) {
      const key = `${attachmentId}/${page ?? ''}`;
      const known = cache.get(key);
      if (known) return known;
      const password = passwords.get(attachmentId);
      const part = { ...(page !== null && { page }), ...(password !== undefined && { password }) };
      const text = await withNamedFaults({ id: attachmentId, name }, async () =>
        readText(media, { source: await sourceOf(store, attachmentId), part }, signal),
      );
      // A temporary conversation's files leave no trace, not even here.
      if (text && store.pathOfAttachment(attachmentId) !== null) cache.put(key, text);
      return text;
    },
  };
}
