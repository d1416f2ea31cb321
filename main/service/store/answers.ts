/**
 * Answers while they are written. Text goes to a journal at most 250 ms or 32 tokens behind, so that a kill at any moment
 * leaves the question and the answer so far; at the end the journal becomes the message's text.
 */
import type { Generation, Message } from '../../../preload/contract/conversations.ts';
import { AppError, type AppErrorReport } from '../../../preload/contract/errors.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import { generationRows } from './generations.ts';
import { messageTree } from './message-tree.ts';
import type { MessageStore } from './messages.ts';
import type { OpenDatabase } from './open-database.ts';
import { partRows } from './parts.ts';
import { storeFault, withTypedFaults } from './store-fault.ts';

const longestDelayMs = 250;
const mostTokensBehind = 32;

export interface AnswerWriter {
  readonly messageId: MessageId;
  /**
   * Takes the next text; returns before it is on the disk.
   * @throws the fault of an earlier write (such as `disk_full`). The text is kept: later appends and `finish` try again.
   */
  append(text: string, tokenCount: number): void;
  /** Puts everything taken so far on the disk. */
  flush(): void;
  /** Ends the answer; on the disk when this returns. */
  finish(end: {
    state: 'complete' | 'stopped' | 'interrupted' | 'failed';
    generation: Generation | null;
    /** Why it ended, where a fault did it. */
    failure?: AppErrorReport | null;
  }): Message;
}

export interface AnswerStore {
  /** Begins an answer as a new child of `parentId`. `onDurable` hears how many characters of it are on the disk. */
  startAnswer(
    place: { conversationId: ConversationId; parentId: MessageId },
    onDurable?: (characters: number) => void,
  ): AnswerWriter;
  /** Goes on writing an answer that ended early (Continue). */
  resumeAnswer(id: MessageId, onDurable?: (characters: number) => void): AnswerWriter;
  /** Marks answers that a killed process left open as interrupted, text kept; returns how many. */
  settleInterrupted(): number;
  /** A model's newest runs, newest first. */
  listGenerations(modelName: string, limit: number): Generation[];
}

export function answerStore(db: OpenDatabase, messages: MessageStore): AnswerStore {
  const tree = messageTree(db);
  const parts = partRows(db);
  const generations = generationRows(db);
  // Selecting from message instead of giving values: of a message deleted meanwhile, nothing is written.
  const journal = db.prepare(`
    INSERT INTO answer_journal (message_key, position, text)
    SELECT key, (SELECT ifnull(max(position), -1) + 1 FROM answer_journal WHERE message_key = message.key), @text
    FROM message WHERE key = @key`);
  const journalled = db
    .prepare<[number], string>('SELECT text FROM answer_journal WHERE message_key = ? ORDER BY position')
    .pluck();
  const clearJournal = db.prepare('DELETE FROM answer_journal WHERE message_key = ?');
  const setState = db.prepare('UPDATE message SET state = ?, failure = ? WHERE key = ?');
  const streaming = db.prepare<[], number>("SELECT key FROM message WHERE state = 'streaming'").pluck();

  const settle = (
    key: number,
    { state, failure }: { state: Message['state']; failure?: AppErrorReport | null },
    unwritten: string,
  ): void => {
    if (setState.run(state, failure ? JSON.stringify(failure) : null, key).changes === 0) throw gone();
    parts.appendText(key, journalled.all(key).join('') + unwritten);
    clearJournal.run(key);
  };

  const writeTo = (messageId: MessageId, onDurable?: (characters: number) => void): AnswerWriter => {
    const { key, conversation_key } = tree.node(messageId);
    let waiting = '';
    let waitingTokens = 0;
    let durable = 0;
    let timer: NodeJS.Timeout | null = null;
    let fault: unknown = null;

    const flush = (): void => {
      if (timer) clearTimeout(timer);
      timer = null;
      if (waiting === '') return;
      if (journal.run({ key, text: waiting }).changes === 0) throw gone();
      durable += waiting.length;
      waiting = '';
      waitingTokens = 0;
      onDurable?.(durable);
    };
    const flushLater = (): void => {
      try {
        flush();
      } catch (error) {
        fault = storeFault(error); // told at the next append, since nobody waits for a timer
      }
    };
    const write = withTypedFaults({
      append(text: string, tokenCount: number) {
        waiting += text;
        waitingTokens += tokenCount;
        if (fault !== null || waitingTokens >= mostTokensBehind) {
          fault = null;
          flush();
        } else timer ??= setTimeout(flushLater, longestDelayMs);
      },
      flush,
      finish({ generation, ...ending }: Parameters<AnswerWriter['finish']>[0]) {
        if (timer) clearTimeout(timer);
        timer = null;
        const end = db.transaction(() => {
          settle(key, ending, waiting);
          if (generation) generations.insertGeneration(key, generation);
          tree.touch(conversation_key);
        });
        end.immediate();
        waiting = ''; // not before: a full disk must leave it to the next try
        return messages.getMessage(messageId);
      },
    });
    return { messageId, ...write };
  };

  return {
    startAnswer({ conversationId, parentId }, onDurable) {
      const message = messages.addMessage({
        conversationId,
        parentId,
        role: 'assistant',
        parts: [],
        state: 'streaming',
      });
      return writeTo(message.id, onDurable);
    },
    resumeAnswer(id, onDurable) {
      const message = messages.getMessage(id);
      if (message.role !== 'assistant' || message.state === 'streaming') {
        throw new AppError('invalid_request', 'Only an answer that has ended can be continued.');
      }
      setState.run('streaming', null, tree.node(id).key);
      return writeTo(id, onDurable);
    },
    settleInterrupted() {
      const keys = streaming.all();
      if (keys.length > 0) {
        db.transaction(() => {
          for (const key of keys) settle(key, { state: 'interrupted' }, '');
        }).immediate();
      }
      return keys.length;
    },
    listGenerations: generations.listGenerations,
  };
}

function gone(): AppError {
  return new AppError('not_found', 'This answer was deleted while it was being written.');
}
