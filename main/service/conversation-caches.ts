/** What the engine keeps on the disk of conversations: only of those that are there, and gone with them. */
import { join } from 'node:path';
import { cacheNameOf, openCacheFolder } from '../../native-models/process/cache-client.ts';
import type { Conversation } from '../../preload/contract/conversations.ts';
import type { ConversationId } from '../../preload/contract/ids.ts';
import { logFault } from './log-fault.ts';
import type { RememberedSettings } from './remembered-settings.ts';
import type { Store } from './store/open-store.ts';
import type { Stores } from './stores.ts';

export interface ConversationCaches {
  /** Where the engine keeps them and how much of them at most; null where nothing is to be kept. */
  place(): { folder: string; maxBytes: number } | null;
  /** What a question says as `keep`; nothing for a temporary conversation, or where nothing is to be kept. */
  keepFor(conversation: Pick<Conversation, 'id' | 'temporary'>): Promise<{ keep?: string }>;
  /** The conversation was deleted, or something in it. */
  forget(id: ConversationId): Promise<void>;
  /** Drops what belongs to no conversation of the store: one may have been deleted while a kill came between. */
  tidy(): Promise<void>;
  measure(): Promise<number>;
  clear(): Promise<void>;
}

/** The app's own; clients of the local API keep nothing on the disk. */
const owner = '';
const gigabyte = 1e9;

export function conversationCaches(service: {
  profileFolder: string;
  stores: Stores;
  settings: RememberedSettings;
}): ConversationCaches {
  const { stores, settings } = service;
  const folder = join(service.profileFolder, 'caches');
  const caches = openCacheFolder(folder);
  const maxBytes = () => settings.get().cacheGigabytes * gigabyte;
  return {
    place: () => (maxBytes() > 0 ? { folder, maxBytes: maxBytes() } : null),
    async keepFor({ id, temporary }) {
      if (temporary || maxBytes() === 0) return {};
      const keep = cacheNameOf(owner, id);
      const isBegun = await caches.begin(keep).then(
        () => true,
        () => false, // a full or read-only disk: an answer needs no cache
      );
      return isBegun ? { keep } : {};
    },
    forget: (id) => caches.forget(cacheNameOf(owner, id)),
    async tidy() {
      if (stores.state !== 'ready') return;
      const names = listIds(stores.kept()).map((id) => cacheNameOf(owner, id));
      await caches.keepOnly(names).catch(logFault);
    },
    measure: caches.measure,
    clear: caches.clear,
  };
}

function listIds(store: Store): ConversationId[] {
  const ids: ConversationId[] = [];
  for (const archived of [false, true]) {
    for (let cursor: string | null = null; ; ) {
      const page = store.listConversations({ archived, cursor, limit: 200 });
      ids.push(...page.conversations.map(({ id }) => id));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
  }
  return ids;
}
