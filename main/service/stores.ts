/** The two stores behind every handler: the profile's own, and one in memory for temporary conversations. */
import type { Part } from '../../preload/contract/attachments.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { AttachmentId, ConversationId, MessageId } from '../../preload/contract/ids.ts';
import type { StoreState } from '../../preload/contract/system.ts';
import { type Opening, openStore, openTemporaryStore, type Store } from './store/open-store.ts';
import { attachmentsOf } from './store/parts.ts';
import { type RepairReport, repairStoreInThread } from './store/repair.ts';
import { storeFault } from './store/store-fault.ts';

export interface Stores {
  readonly state: StoreState;
  /** Answers that the last end of the app cut off. */
  readonly interruptedAnswers: number;
  /** The profile's store. @throws AppError that says why it can't be used, and what to do */
  kept(): Store;
  /** The store in memory where it was needed already. */
  temporary(): Store | null;
  openTemporary(): Promise<Store>;
  ofConversation(id: ConversationId): Store;
  ofMessage(id: MessageId): Store;
  /** @throws AppError `not_found` */
  ofAttachment(id: AttachmentId): Store;
  /** Where a part's file is: in the given store, or in the other one until it is brought. */
  ofPart(store: Store, part: Part): Store;
  /** Copies what parts point to into a store that lacks it: a file used in a temporary conversation, or the reverse. */
  bringAttachments(to: Store, parts: readonly Part[]): Promise<void>;
  /** Opens the store again where the last try failed for a reason that may have passed. */
  retry(): Promise<void>;
  repair(): Promise<{ recoveredMessages: number; sentence: string }>;
  close(): void;
}

/** Opens the profile's store; what keeps it from opening is a state, told when somebody needs it. */
export async function openStores(profileFolder: string): Promise<Stores> {
  let opening = await openStore(profileFolder);
  let temporary: Store | null = null;

  const kept = (): Store => {
    if (opening.state === 'ready') return opening.store;
    throw whyClosed(opening.state);
  };
  /** The store in memory is asked first: it holds little, and knows exactly what is its own. */
  const choose = (isTemporary: (store: Store) => boolean): Store =>
    temporary && isTemporary(temporary) ? temporary : kept();
  const ofAttachment = (id: AttachmentId) => choose((store) => store.hasAttachment(id));

  return {
    get state() {
      return opening.state;
    },
    get interruptedAnswers() {
      return opening.state === 'ready' ? opening.interruptedAnswers : 0;
    },
    kept,
    temporary: () => temporary,
    openTemporary: async () => (temporary ??= await openTemporaryStore()),
    ofConversation: (id) => choose((store) => store.hasConversation(id)),
    ofMessage: (id) => choose((store) => store.hasMessage(id)),
    ofAttachment,
    ofPart: (store, part) =>
      part.type === 'text' || store.hasAttachment(part.attachmentId)
        ? store
        : ofAttachment(part.attachmentId),
    async bringAttachments(to, parts) {
      for (const id of attachmentsOf(parts)) {
        if (!to.hasAttachment(id)) await copyAttachment(ofAttachment(id), to, id);
      }
    },
    async retry() {
      if (opening.state !== 'ready' && opening.state !== 'damaged') opening = await openStore(profileFolder);
    },
    async repair() {
      if (opening.state !== 'damaged')
        throw new AppError('invalid_request', 'The conversation database is not damaged.');
      const report = await repairStoreInThread(profileFolder).catch((error: unknown) => {
        throw storeFault(error);
      });
      opening = await openStore(profileFolder);
      return { recoveredMessages: report.messages, sentence: describeRepair(report) };
    },
    close() {
      if (opening.state === 'ready') opening.store.closeStore();
      temporary?.closeStore();
    },
  };
}

async function copyAttachment(from: Store, to: Store, id: AttachmentId): Promise<void> {
  const { id: _, sizeBytes: __, hasThumbnail: ___, ...facts } = from.getAttachment(id);
  await to.putAttachment(await from.streamAttachment(id), facts);
  const thumbnail = await from.readThumbnail(id);
  if (thumbnail) await to.putThumbnail(id, thumbnail);
}

function whyClosed(state: Exclude<Opening['state'], 'ready'>): AppError {
  switch (state) {
    case 'damaged':
      return new AppError('store_damaged', 'The conversation database is damaged. Repair it to go on.');
    case 'newer':
      return new AppError(
        'profile_readonly',
        'The conversations were written by a newer version of this app. Install that version to use them.',
      );
    case 'in-use':
      return new AppError('store_busy', 'Another window or process uses the conversations. Close it first.', {
        retryable: true,
      });
    case 'disk-full':
      return new AppError('disk_full', 'The disk is full. Free some space; nothing of yours is lost.', {
        retryable: true,
      });
    case 'read-only':
      return new AppError(
        'profile_readonly',
        'The app may not write to its folder. Check the folder’s permissions.',
        { retryable: true },
      );
  }
}

function describeRepair(report: RepairReport): string {
  const lost =
    report.unreadablePlaces === 0
      ? 'Nothing was unreadable.'
      : `${report.unreadablePlaces} ${report.unreadablePlaces === 1 ? 'place' : 'places'} could not be read.`;
  const backup =
    report.messagesFromBackup > 0
      ? ` ${report.messagesFromBackup} messages come from the newest backup.`
      : '';
  const conversations =
    report.conversations === 1 ? '1 conversation' : `${report.conversations} conversations`;
  return `${report.messages} messages in ${conversations} are back. ${lost}${backup} The damaged file is kept in the profile folder.`;
}
