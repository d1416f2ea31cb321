/** Every answer that is asked for: written down, put beside those of other conversations, watched and stopped. */

import type { TurnQueue } from '../../../native-models/process/turn-queue.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import type { GenerationEvent } from '../../../preload/contract/generation.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { AppEvents } from '../app-events.ts';
import { logFault } from '../log-fault.ts';
import type { AnswerWriter } from '../store/answers.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';
import { type CandidateGroup, createCandidateGroup } from './candidate-group.ts';
import { chooseShown, watchCandidates } from './candidates.ts';
import type { Critic } from './critic.ts';
import { inTurn } from './in-turn.ts';
import { failure, type Outcome, stopped } from './outcome.ts';
import { createRunningAnswer, type RunningAnswer, type StopCause } from './running-answer.ts';
import type { CandidatePlace } from './ways-of-asking.ts';
import type { WriteAnswer } from './write-answer.ts';
import { type AnswerRequest, requireRole, writeQuestion } from './write-question.ts';

export interface Answers {
  /** Writes the question down and begins its answer. The stream may be left; the answer goes on. */
  ask(request: AnswerRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void>;
  watch(messageId: MessageId, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void>;
  /** Resolves when it has ended; false where it was not running. */
  stop(messageId: MessageId): Promise<boolean>;
  stopIn(conversationId: ConversationId): Promise<void>;
  /** Stops an answer that is this message or follows it. */
  stopBelow(messageId: MessageId): Promise<void>;
  /** The app quits: every answer ends as interrupted, text kept. */
  stopAll(): Promise<void>;
  running(): { conversationId: ConversationId; messageId: MessageId }[];
  /** A message of the store with what is being written to it. */
  withTextSoFar(message: Message): Message;
  /** @throws AppError `invalid_request` while the message is being written */
  refuseWhileWriting(messageId: MessageId): void;
}

/** A full disk may get room again: an ending that could not be saved is tried again this often. */
const saveAgainMs = 5000;

export function createAnswers(service: {
  stores: Stores;
  events: AppEvents;
  /** Shared with whoever changes the model. */
  queue: TurnQueue;
  writeAnswer: WriteAnswer;
  critic: Critic;
  /** Told whenever answering begins or ends altogether. */
  onBusy: (busy: boolean) => void;
  onEnded: (answer: RunningAnswer, tookMs: number) => void;
}): Answers {
  const { stores, events, queue } = service;
  const running = new Map<MessageId, RunningAnswer>();
  /** Ended, and not on the disk yet because it is full. */
  const unsaved = new Map<MessageId, RunningAnswer>();
  const find = (messageId: MessageId) => running.get(messageId) ?? unsaved.get(messageId);

  function begin(request: AnswerRequest, store: Store, question: Message): RunningAnswer {
    if (request.type !== 'continue') {
      requireRole(question, 'user');
      const place = { conversationId: question.conversationId, parentId: question.id };
      const of = request.candidates ?? 1;
      if (of === 1) return start(store, { writer: store.startAnswer(place) });
      const group = createCandidateGroup(of);
      const places = Array.from({ length: of }, (_, at) => ({ number: at + 1, of }));
      const candidates = places.map((candidate) =>
        start(store, { writer: store.startAnswer(place), among: { candidate, group } }),
      );
      store.showBranch(candidates[0]!.messageId); // until one is chosen
      void watchCandidates(candidates, chooseShown(events, service.critic)).catch(logFault);
      return candidates[0]!;
    }
    requireRole(question, 'assistant');
    return start(store, { writer: store.resumeAnswer(question.id), continues: true });
  }

  function start(
    store: Store,
    how: {
      writer: AnswerWriter;
      continues?: boolean;
      among?: { candidate: CandidatePlace; group: CandidateGroup } | null;
    },
  ): RunningAnswer {
    const { writer, continues = false, among = null } = how;
    const answer = createRunningAnswer(store.getMessage(writer.messageId), store, among);
    const { conversationId, messageId } = answer;
    running.set(messageId, answer);
    if (running.size === 1) service.onBusy(true);
    events.publish({ type: 'answer-started', conversationId, messageId });
    events.publish({ type: 'conversations-changed', conversationId });
    const startedAt = performance.now();
    void run(answer, writer, continues)
      .finally(() => {
        running.delete(messageId);
        if (running.size === 0) service.onBusy(false);
        events.publish({ type: 'answer-ended', conversationId, messageId });
        events.publish({ type: 'conversations-changed', conversationId });
        service.onEnded(answer, performance.now() - startedAt);
      })
      .catch(logFault);
    return answer;
  }

  async function run(answer: RunningAnswer, writer: AnswerWriter, continues: boolean): Promise<void> {
    const turn = takeTurn(answer, writer, continues).catch((error): Outcome => failure(answer, error));
    // Who quits does not wait for the engine, which may be leaving as well.
    const outcome = await Promise.race([turn, answer.quit.then(() => stopped(answer))]);
    const { state, generation, error } = outcome;
    try {
      answer.end(writer.finish({ state, generation, failure: error }), error);
    } catch (fault) {
      // The text is safe in memory and in the journal so far; the ending follows when there is room.
      const told = error ?? reportError(fault);
      answer.end({ ...answer.message(), state: 'failed', failure: told }, told);
      if (!isLasting(fault)) return;
      unsaved.set(answer.messageId, answer);
      saveLater(() => {
        writer.finish({ state: 'failed', generation, failure: told });
        unsaved.delete(answer.messageId);
      });
    }
  }

  async function takeTurn(answer: RunningAnswer, writer: AnswerWriter, continues: boolean): Promise<Outcome> {
    const outcome = await inTurn(queue, () => service.writeAnswer(answer, writer, continues), {
      signal: answer.signal,
      shared: true,
      onWaiting: (ahead) => answer.tell({ type: 'phase', phase: 'queue', done: 0, total: ahead }),
    });
    return outcome ?? stopped(answer);
  }

  const stopAndWait = async (answers: RunningAnswer[], cause: StopCause) => {
    for (const answer of answers) answer.stop(cause);
    await Promise.all(answers.map(({ ended }) => ended));
  };

  return {
    async *ask(request, signal) {
      const { store, question, isNew } = await writeQuestion(stores, request);
      const events = begin(request, store, question).watch(signal);
      if (isNew) yield { type: 'question', message: question };
      yield* events;
    },
    async *watch(messageId, signal) {
      const answer = find(messageId);
      if (answer) return yield* answer.watch(signal);
      const message = stores.ofMessage(messageId).getMessage(messageId);
      yield { type: 'answer', message };
      yield { type: 'end', message, error: null };
    },
    async stop(messageId) {
      const answer = running.get(messageId);
      if (!answer) return false;
      await stopAndWait([answer], 'person');
      return true;
    },
    stopIn: (conversationId) =>
      stopAndWait(
        [...running.values()].filter((answer) => answer.conversationId === conversationId),
        'person',
      ),
    stopBelow: (messageId) =>
      stopAndWait(
        [...running.values()].filter((answer) => follows(answer, messageId)),
        'person',
      ),
    stopAll: () => stopAndWait([...running.values()], 'quit'),
    running: () =>
      [...running.values()].map(({ conversationId, messageId }) => ({ conversationId, messageId })),
    withTextSoFar: (message) => find(message.id)?.message() ?? message,
    refuseWhileWriting(messageId) {
      if (!running.has(messageId)) return;
      throw new AppError('invalid_request', 'This answer is being written. Stop it first.');
    },
  };
}

function follows(answer: RunningAnswer, messageId: MessageId): boolean {
  for (let at: MessageId | null = answer.messageId; at !== null; ) {
    if (at === messageId) return true;
    at = answer.store.getMessage(at).parentId;
  }
  return false;
}

/** A message deleted meanwhile needs no ending; everything else may pass. */
function isLasting(fault: unknown): boolean {
  return !(fault instanceof AppError && fault.code === 'not_found');
}

function saveLater(finish: () => void): void {
  const timer = setInterval(() => {
    try {
      finish();
      clearInterval(timer);
    } catch (error) {
      if (!isLasting(error)) clearInterval(timer);
    }
  }, saveAgainMs);
  timer.unref();
}
