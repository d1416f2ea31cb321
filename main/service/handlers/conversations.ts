/** Conversations: list, find, arrange, edit, export, import, delete. */
import type { Part } from '../../../preload/contract/attachments.ts';
import type { conversationContract } from '../../../preload/contract/conversation-endpoints.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { Answers } from '../answering/answers.ts';
import type { AppEvents } from '../app-events.ts';
import type { ConversationCaches } from '../conversation-caches.ts';
import { plainPieces } from '../plain-pieces.ts';
import type { RememberedSettings } from '../remembered-settings.ts';
import { exportConversations, exportFormats } from '../store/exchange/export.ts';
import { importArchive } from '../store/exchange/import.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';
import type { Uploads } from '../uploads.ts';
import { fileNameFor } from './file-name-for.ts';

export function conversationHandlers(service: {
  stores: Stores;
  answers: Answers;
  events: AppEvents;
  uploads: Uploads;
  settings: RememberedSettings;
  caches: ConversationCaches;
}): Handlers<typeof conversationContract> {
  const { stores, answers, events, uploads, settings, caches } = service;
  const changed = (conversationId: ConversationId | null) =>
    events.publish({ type: 'conversations-changed', conversationId });
  const storeFor = (id: ConversationId | null) => (id === null ? stores.kept() : stores.ofConversation(id));

  return {
    async listConversations(filter) {
      const page = stores.kept().listConversations(filter);
      const isFirstPage = filter.cursor === null && !filter.archived;
      const isNarrowed = filter.folderId !== undefined || filter.tagId !== undefined;
      const temporary =
        isFirstPage && !isNarrowed ? stores.temporary()?.listConversations({ limit: 200 }) : null;
      return { ...page, conversations: [...(temporary?.conversations ?? []), ...page.conversations] };
    },
    async getConversation({ id }) {
      return storeFor(id).getConversation(id);
    },
    async createConversation({ temporary, folderId, ...start }) {
      const store = temporary ? await stores.openTemporary() : stores.kept();
      const conversation = store.createConversation({
        sampling: settings.get().sampling,
        ...start,
        ...(!temporary && folderId !== null && { folderId }),
      });
      changed(conversation.id);
      return conversation;
    },
    async updateConversation({ id, patch }) {
      const conversation = storeFor(id).updateConversation(id, patch);
      changed(id);
      return conversation;
    },
    async deleteConversation({ id }) {
      const store = storeFor(id);
      await answers.stopIn(id);
      const removed = store.deleteConversation(id);
      changed(id); // unseen at once; the rest takes as long as it takes
      await Promise.all([removed, caches.forget(id)]); // a fault of either is told, and never left unheard
      return {};
    },
    async listMessages({ conversationId, ...page }) {
      const found = storeFor(conversationId).listMessages(conversationId, page);
      return { ...found, messages: found.messages.map(answers.withTextSoFar) };
    },
    async getMessage({ messageId }) {
      return answers.withTextSoFar(stores.ofMessage(messageId).getMessage(messageId));
    },
    async listEarlierQuestions({ messageId }) {
      return { questions: stores.ofMessage(messageId).listEarlierQuestions(messageId) };
    },
    async showBranch({ messageId }) {
      const store = stores.ofMessage(messageId);
      store.showBranch(messageId);
      changed(store.getMessage(messageId).conversationId);
      return {};
    },
    async deleteMessage({ messageId }) {
      const store = stores.ofMessage(messageId);
      const { conversationId } = store.getMessage(messageId);
      await answers.stopBelow(messageId);
      const removed = store.deleteMessage(messageId);
      changed(conversationId);
      await Promise.all([removed, caches.forget(conversationId)]); // what is left of it is kept again with the next answer
      return {};
    },
    async rewriteMessage({ messageId, text }) {
      const store = stores.ofMessage(messageId);
      const before = store.getMessage(messageId);
      answers.refuseWhileWriting(messageId);
      const message = store.editMessage(messageId, withText(before.parts, text));
      changed(message.conversationId);
      await caches.forget(message.conversationId);
      return message;
    },
    async searchMessages(query) {
      const { conversationId } = query;
      return (conversationId === undefined ? stores.kept() : storeFor(conversationId)).searchMessages(query);
    },
    async listFolders() {
      const store = stores.kept();
      return { folders: store.listFolders(), tags: store.listTags() };
    },
    async createFolder({ name, parentId }) {
      const folder = stores.kept().createFolder(name, parentId);
      changed(null);
      return folder;
    },
    async updateFolder(folder) {
      stores.kept().updateFolder(folder);
      changed(null);
      return {};
    },
    async deleteFolder({ id }) {
      stores.kept().deleteFolder(id);
      changed(null);
      return {};
    },
    async createTag({ name }) {
      const tag = stores.kept().createTag(name);
      changed(null);
      return tag;
    },
    async renameTag({ id, name }) {
      stores.kept().renameTag(id, name);
      changed(null);
      return {};
    },
    async deleteTag({ id }) {
      stores.kept().deleteTag(id);
      changed(null);
      return {};
    },
    async getDraft({ conversationId }) {
      return { draft: storeFor(conversationId).getDraft(conversationId) };
    },
    async saveDraft({ conversationId, parts, task }) {
      const store = storeFor(conversationId);
      await stores.bringAttachments(store, parts);
      store.saveDraft(conversationId, parts, task);
      return {};
    },
    async *exportConversations({ ids, format }, signal) {
      const store = ids[0] === undefined ? stores.kept() : storeFor(ids[0]);
      const wanted = ids.length > 0 ? ids : allIds(store);
      const { mediaType, ending } = exportFormats[format];
      const title = wanted.length === 1 ? store.getConversation(wanted[0]!).title : '';
      yield { type: 'header', fileName: fileNameFor(title, ending), mediaType };
      for await (const chunk of exportConversations(store, wanted, format)) {
        for (const bytes of plainPieces(chunk)) {
          if (signal.aborted) return;
          yield { type: 'piece', bytes };
        }
      }
    },
    async importConversations({ uploadId }, signal) {
      const report = await importArchive(stores.kept(), uploads.findFile(uploadId).path, signal);
      await uploads.release(uploadId);
      changed(null);
      return report;
    },
  };
}

function allIds(store: Store): ConversationId[] {
  return [false, true].flatMap((archived) => {
    const ids: ConversationId[] = [];
    for (let cursor: string | null = null; ; ) {
      const page = store.listConversations({ archived, cursor, limit: 200 });
      ids.push(...page.conversations.map(({ id }) => id));
      cursor = page.nextCursor;
      if (cursor === null) return ids;
    }
  });
}

/** The parts with their text replaced: where the first text stood, or at the end. */
function withText(parts: readonly Part[], text: string): Part[] {
  const place = parts.findIndex(({ type }) => type === 'text');
  const others = parts.filter(({ type }) => type !== 'text');
  return others.toSpliced(place < 0 ? others.length : place, 0, { type: 'text', text });
}
