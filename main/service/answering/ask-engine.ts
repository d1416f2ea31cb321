/** Asks the engine and passes on what it says; where the context is full and the conversation allows it, without the oldest turns. */
import {
  type AnswerEnd,
  type AnswerEvent,
  generateAnswer,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { GenerationPhase } from '../../../preload/contract/generation.ts';
import type { AnswerWriter } from '../store/answers.ts';
import type { AskModel } from './candidate-group.ts';
import type { Question } from './prepare-question.ts';
import { laterTurn, promptMessages } from './prompt-messages.ts';
import type { RunningAnswer } from './running-answer.ts';
import { startThinkingClock } from './thinking-clock.ts';
import { generationFor, systemTextFor } from './ways-of-asking.ts';

interface Asked {
  answer: RunningAnswer;
  writer: AnswerWriter;
  question: Question;
  continues: boolean;
  /** As `keep` of the engine's `generate`. */
  kept: { keep?: string };
  tell: (phase: GenerationPhase, done?: number, total?: number) => void;
  /** A candidate asks for itself instead of for its whole group. */
  isAlone: boolean;
  /** The engine has the question whole: its pictures may make room for those of others. */
  onTaken: () => void;
}

export type Ended = Told & { firstKept: number };
type Told = AnswerEnd & { promptTokens: number; thinkingMs: number | null };

/** Asks with the whole path, and with the policy `dropOldest` again without its oldest turns until it fits; null when stopped. */
export async function askEngine(engine: EngineClient, asked: Asked): Promise<Ended | null> {
  const { answer, question } = asked;
  const mayDrop = question.conversation.contextPolicy === 'dropOldest';
  let firstKept = mayDrop ? question.firstKept : 0;
  // Twice as many turns at each try: a long conversation that was never cut finds its place in ten tries.
  for (let turns = 1; ; turns *= 2) {
    if (firstKept > 0) {
      const firstKeptId = question.messages[firstKept]!.id;
      answer.tell({ type: 'context', firstKeptId, droppedMessages: firstKept });
    }
    const next = mayDrop ? laterTurn(question.messages, firstKept, turns) : null;
    const end = await tryToAnswer(engine, asked, { firstKept, isLastTry: next === null });
    if (end !== 'too-long') return end && { ...end, firstKept };
    firstKept = next!;
  }
}

async function tryToAnswer(
  engine: EngineClient,
  { answer, writer, question, continues, kept, tell, isAlone, onTaken }: Asked,
  attempt: { firstKept: number; isLastTry: boolean },
): Promise<Told | 'too-long' | null> {
  const { model, messages, seed } = question;
  const systemText = systemTextFor(question, model.systemText);
  const request = {
    messages: promptMessages(messages, { systemText, firstKept: attempt.firstKept }),
    generation: generationFor(question, seed, answer.candidate && { ...answer.candidate, isAlone }),
    ...(continues && { continueLastAnswer: true }),
    ...kept,
  };
  const thinking = startThinkingClock(question.saidBefore);
  let promptTokens = 0;
  let isRead = false;
  try {
    const ask: AskModel = (signal) => generateAnswer(engine, request, signal);
    const events = isAlone ? ask(answer.signal) : eventsFor(answer, attempt.firstKept, ask);
    for await (const event of events) {
      if (event.type === 'prompt') promptTokens += event.tokenIds.length;
      else if (event.type === 'end') {
        // A server counts by itself, and tells at the end.
        promptTokens = event.counts?.promptTokens || promptTokens;
        return { ...event, promptTokens, thinkingMs: thinking.thinkingMs() };
      } else {
        // The whole prompt is known before any work is done on it.
        if (!isRead && !attempt.isLastTry && roomFor(question) > model.contextLength - promptTokens)
          return 'too-long';
        if (event.type !== 'waiting') onTaken();
        isRead = event.type === 'prefill' || event.type === 'text';
        if (event.type === 'text') thinking.hear(event.text);
        passOn(event, { answer, writer, tell });
      }
    }
  } catch (error) {
    if (error instanceof AppError && error.code === 'context_too_long' && !attempt.isLastTry)
      return 'too-long';
    throw error;
  }
  if (answer.signal.aborted) return null;
  throw new AppError('internal', 'The engine ended without finishing its answer.');
}

/** Of a candidate only its own; the first of a group asks for all of them. */
function eventsFor({ signal, group, candidate }: RunningAnswer, attempt: number, ask: AskModel) {
  return group && candidate ? group.events({ attempt, number: candidate.number, signal }, ask) : ask(signal);
}

/** Tokens that should be left for the answer before older turns are given up for it. */
function roomFor({ conversation, model }: Question): number {
  return Math.min(conversation.sampling.maxNewTokens ?? 1024, Math.floor(model.contextLength / 8));
}

function passOn(
  event: Exclude<AnswerEvent, { type: 'prompt' | 'end' }>,
  { answer, writer, tell }: Pick<Asked, 'answer' | 'writer' | 'tell'>,
): void {
  if (event.type === 'waiting') tell('queue', 0, event.ahead);
  else if (event.type === 'vision') tell('vision', event.done, event.total);
  else if (event.type === 'prefill') {
    tell('reading', event.done, event.total);
    if (event.done >= event.total && event.total > 0) tell('writing');
  } else if (answer.stopCause !== 'quit') {
    answer.say(event.text);
    answer.weigh(event.logprobs ?? []);
    writer.append(event.text, event.tokenIds.length);
  }
}
