/** One answer while it is written: what it has said so far, who listens, and how it is ended. */
import { createBroadcast } from '../../../native-models/process/broadcast.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { AppErrorReport } from '../../../preload/contract/errors.ts';
import type { GenerationEvent } from '../../../preload/contract/generation.ts';
import type { Store } from '../store/open-store.ts';
import type { CandidateGroup } from './candidate-group.ts';
import type { CandidatePlace } from './ways-of-asking.ts';

type Progress = Extract<GenerationEvent, { type: 'phase' | 'context' | 'candidate' }>;

/** Why an answer is asked to end. */
export type StopCause = 'person' | 'quit';

export interface RunningAnswer {
  readonly conversationId: Message['conversationId'];
  readonly messageId: Message['id'];
  readonly store: Store;
  /** Null for an answer that stands for itself. */
  readonly candidate: CandidatePlace | null;
  /** Those it is written with; null for an answer that stands for itself. */
  readonly group: CandidateGroup | null;
  readonly signal: AbortSignal;
  /** Null until somebody asks it to stop. */
  readonly stopCause: StopCause | null;
  /** Resolves when the app quits. */
  readonly quit: Promise<void>;
  /** Resolves when it has ended and is on the disk as far as the disk allows. */
  readonly ended: Promise<void>;
  stop(cause: StopCause): void;
  /** The message as it stands now, text so far included. */
  message(): Message;
  tell(progress: Progress): void;
  say(text: string): void;
  /** Takes the log-probabilities of its next tokens. */
  weigh(logprobs: readonly { logprob: number }[]): void;
  /** Of all its tokens that were weighed; null without any. */
  readonly meanLogprob: number | null;
  end(message: Message, error: AppErrorReport | null): void;
  /** `answer` with the text so far, the progress in force, then what comes, `end` last; leaving it changes nothing. */
  watch(signal: AbortSignal): AsyncIterable<GenerationEvent>;
}

/** @param begun the message as the store has it; text that it holds already is not told again */
export function createRunningAnswer(
  begun: Message,
  store: Store,
  among: { candidate: CandidatePlace; group: CandidateGroup } | null = null,
): RunningAnswer {
  const { candidate = null, group = null } = among ?? {};
  const abort = new AbortController();
  const quit = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const watchers = createBroadcast<GenerationEvent>();
  const inForce = new Map<Progress['type'], Progress>();
  if (candidate) inForce.set('candidate', { type: 'candidate', ...candidate });
  let stopCause: StopCause | null = null;
  let said = '';
  let sumOfLogprobs = 0;
  let weighedTokens = 0;
  let last: Extract<GenerationEvent, { type: 'end' }> | null = null;

  const message = () => last?.message ?? withText(begun, said);
  return {
    conversationId: begun.conversationId,
    messageId: begun.id,
    store,
    candidate,
    group,
    signal: abort.signal,
    get stopCause() {
      return stopCause;
    },
    quit: quit.promise,
    ended: ended.promise,
    stop(cause) {
      if (cause === 'quit') quit.resolve();
      stopCause = cause;
      abort.abort();
    },
    message,
    tell(progress) {
      inForce.set(progress.type, progress);
      watchers.put(progress);
    },
    say(text) {
      if (text === '') return;
      said += text;
      watchers.put({ type: 'text', text });
    },
    weigh(logprobs) {
      for (const { logprob } of logprobs) sumOfLogprobs += logprob;
      weighedTokens += logprobs.length;
    },
    get meanLogprob() {
      return weighedTokens > 0 ? sumOfLogprobs / weighedTokens : null;
    },
    end(message, error) {
      last = { type: 'end', message, error };
      watchers.put(last);
      watchers.close();
      ended.resolve();
    },
    watch: (signal) =>
      watchers.watch(signal, [
        { type: 'answer', message: message() },
        ...inForce.values(),
        ...(last ? [last] : []),
      ]),
  };
}

/** A message with more text at its end. */
export function withText(message: Message, text: string): Message {
  if (text === '') return message;
  const end = message.parts.at(-1);
  const parts =
    end?.type === 'text'
      ? message.parts.with(-1, { type: 'text', text: end.text + text })
      : [...message.parts, { type: 'text' as const, text }];
  return { ...message, parts };
}
