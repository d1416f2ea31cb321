/** Candidates out of one request: the model reads their prompt once and writes all of them side by side. */
import type { AnswerEvent } from '../../../native-models/process/engine-client.ts';
import { createMailbox, type Mailbox } from '../../../native-models/process/mailbox.ts';
import type { Prepared } from './write-answer.ts';

export type AskModel = (signal: AbortSignal) => AsyncIterable<AnswerEvent>;

export interface CandidateGroup {
  readonly of: number;
  /** Of the first candidate; each further one has the next. */
  readonly seed: number;
  /** Does the work once, for all of them. */
  prepareOnce(prepare: () => Promise<Prepared | null>): Promise<Prepared | null>;
  /**
   * What the model says to candidate `number`, which counts from 1. The first who asks for an `attempt` asks the model
   * for all. An abort ends it for all; who leaves otherwise ends it for nobody else.
   * @throws what the model's stream throws, to each of them
   */
  events(
    asked: { attempt: number; number: number; signal: AbortSignal },
    ask: AskModel,
  ): AsyncGenerator<AnswerEvent, void, void>;
}

type Letter = { event: AnswerEvent } | { fault: unknown };

interface Attempt {
  mailboxes: Mailbox<Letter>[];
  stop: AbortController;
  present: Set<number>;
}

export function createCandidateGroup(of: number): CandidateGroup {
  const attempts = new Map<number, Attempt>();
  let prepared: Promise<Prepared | null> | null = null;

  function begin(ask: AskModel): Attempt {
    const mailboxes = Array.from({ length: of }, () => createMailbox<Letter>());
    const present = new Set(mailboxes.keys());
    const attempt = { mailboxes, stop: new AbortController(), present };
    void deliver(ask(attempt.stop.signal), mailboxes);
    return attempt;
  }

  return {
    of,
    seed: Math.floor(Math.random() * 2 ** 32),
    prepareOnce(prepare) {
      prepared ??= prepare();
      return prepared;
    },
    async *events({ attempt: key, number, signal }, ask) {
      const attempt = attempts.get(key) ?? begin(ask);
      attempts.set(key, attempt);
      const stop = () => attempt.stop.abort();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      try {
        for await (const letter of attempt.mailboxes[number - 1]!) {
          if ('fault' in letter) throw letter.fault;
          yield letter.event;
        }
      } finally {
        signal.removeEventListener('abort', stop);
        attempt.present.delete(number - 1);
        if (attempt.present.size === 0) stop();
      }
    },
  };
}

/** What is said of one answer goes to its candidate, everything else to all. */
async function deliver(
  events: AsyncIterable<AnswerEvent>,
  mailboxes: readonly Mailbox<Letter>[],
): Promise<void> {
  try {
    for await (const event of events) {
      const choice = 'choice' in event ? event.choice : undefined;
      const to = choice === undefined ? mailboxes : mailboxes.slice(choice, choice + 1);
      for (const mailbox of to) mailbox.put({ event });
    }
  } catch (fault) {
    for (const mailbox of mailboxes) mailbox.put({ fault });
  }
  for (const mailbox of mailboxes) mailbox.close();
}
