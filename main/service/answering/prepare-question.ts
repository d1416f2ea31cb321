/** Gets everything ready that a question needs: its path's documents read, its pictures in the engine. */

import { splitThinking } from '../../../native-models/process/answer-texts.ts';
import type { LoadedModel } from '../../../native-models/process/engine-client.ts';
import type { Conversation, Message } from '../../../preload/contract/conversations.ts';
import type { Task } from '../../../preload/contract/tasks.ts';
import { documentKindOf } from '../attachments/document-kind.ts';
import type { FileTexts } from '../attachments/file-texts.ts';
import type { EnginePictures, LentPicture } from './engine-pictures.ts';
import { contentOf, documentBlock, type WantedPicture } from './message-content.ts';
import type { ReadyMessage, ShownFile } from './prompt-messages.ts';
import type { RunningAnswer } from './running-answer.ts';
import { wordsFor } from './ways-of-asking.ts';

/** Everything the engine is asked with. */
export interface Question {
  messages: ReadyMessage[];
  visualTokens: number;
  conversation: Conversation;
  model: LoadedModel['description'];
  seed: number;
  /** Of the question that is answered. */
  task: Task | null;
  /** What an answer that is gone on with has said, and how long it has thought. */
  saidBefore: string;
  thoughtBeforeMs: number;
  /** Where the answer before began to read: what has left the context stays out of it, and the beginning stays cached. */
  firstKept: number;
}

/** Reads the path's files and puts its pictures into the engine; null when stopped. */
export async function prepareQuestion(
  { pictures, texts }: { pictures: EnginePictures; texts: FileTexts },
  asked: { answer: RunningAnswer; model: LoadedModel['description']; continues: boolean },
): Promise<Question | null> {
  const { answer, model, continues } = asked;
  const { store, signal } = answer;
  const path = store.listPathTo(answer.messageId);
  const shown = continues ? path : path.slice(0, -1);
  const contents = shown.map(({ parts }) => contentOf(parts, (id) => documentKindOf(store, id)));

  const total = contents.reduce((sum, content) => sum + content.pictures.length + content.texts.length, 0);
  const tell = (done: number) => answer.tell({ type: 'phase', phase: 'files', done, total });
  if (total > 0) tell(0);

  const messages: ReadyMessage[] = [];
  let visualTokens = 0;
  const lent = await pictures.lend(
    contents.flatMap((content) => content.pictures),
    { store, model, signal, onOpened: tell },
  );
  if (!lent) return null;
  let done = lent.length;
  for (const [index, content] of contents.entries()) {
    const documents: string[] = [];
    for (const wanted of content.texts) {
      const read = await texts.read(store, wanted, signal);
      if (!read) return null;
      tell(++done);
      documents.push(documentBlock(wanted, read.text));
    }
    const own = lent.splice(0, content.pictures.length);
    visualTokens += own.reduce((sum, { tileCount }) => sum + tileCount * model.visualTokensPerTile, 0);
    const { id, role, task } = shown[index]!;
    const isGoneOnWith = continues && index === shown.length - 1;
    messages.push({
      id,
      role,
      documents: documents.join(''),
      files: filesOf(own, content.pictures),
      words: readableWords(content.words, { role, task, isGoneOnWith }),
    });
  }
  const conversation = store.getConversation(answer.conversationId);
  const seed = conversation.sampling.seed ?? answer.group?.seed ?? Math.floor(Math.random() * 2 ** 32);
  return {
    messages,
    visualTokens,
    conversation,
    model,
    seed,
    task: shown.findLast(({ role }) => role === 'user')?.task ?? null,
    saidBefore: continues ? (messages.at(-1)?.words ?? '') : '',
    thoughtBeforeMs: (continues && path.at(-1)?.generation?.thinkingMs) || 0,
    firstKept: firstKeptBefore(shown, model.name),
  };
}

/** Earlier thoughts are no part of a conversation: the model was trained to read answers only. */
function readableWords(
  words: string,
  message: { role: Message['role']; task: Task | undefined; isGoneOnWith: boolean },
): string {
  if (message.role === 'user') return wordsFor(message.task ?? null, words);
  return message.isGoneOnWith ? words : splitThinking(words).answer;
}

/** Place of the oldest message that the last answer of this model read; a model with another context begins anew. */
function firstKeptBefore(path: readonly Message[], modelName: string): number {
  const last = path.findLast(({ generation }) => generation !== null)?.generation;
  if (!last?.context || last.modelName !== modelName) return 0;
  const { firstKeptId } = last.context;
  return Math.max(
    0,
    path.findIndex(({ id }) => id === firstKeptId),
  );
}

/** A film's frames belong together; everything else stands for itself. */
export function filesOf(
  lent: readonly Pick<LentPicture, 'id'>[],
  wanted: readonly WantedPicture[],
): ShownFile[] {
  const files: (ShownFile & { film: number | null })[] = [];
  for (const [index, { film }] of wanted.entries()) {
    const { id } = lent[index]!;
    const last = files.at(-1);
    if (film !== null && last?.film === film) last.ids.push(id);
    else files.push({ kind: film === null ? 'picture' : 'film', ids: [id], film });
  }
  return files;
}
