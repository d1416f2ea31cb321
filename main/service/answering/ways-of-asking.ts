/** How a question's task, thinking mode and place among candidates change what the engine is asked. Pure. */
import {
  candidateSampling,
  groundingQuestion,
  guiAgentSystemText,
  thinkingSystemText,
  thinkingTemperature,
} from '../../../native-models/process/answer-texts.ts';
import type { AnswerRequest } from '../../../native-models/process/engine-client.ts';
import type { Conversation } from '../../../preload/contract/conversations.ts';
import type { Task } from '../../../preload/contract/tasks.ts';

export interface WayOfAsking {
  conversation: Pick<Conversation, 'systemText' | 'sampling' | 'thinking'>;
  /** Of the question that is answered. */
  task: Task | null;
}

/** One of several answers to choose from; the first is `number` 1. */
export interface CandidatePlace {
  number: number;
  of: number;
}

/**
 * The card's texts take the place of the model's own system text; a person's own stays in front of them.
 * @returns empty for none
 */
export function systemTextFor(asked: WayOfAsking, modelSystemText: string | null): string {
  const { systemText } = asked.conversation;
  const trained =
    asked.task?.type === 'agent' ? guiAgentSystemText : thinks(asked) ? thinkingSystemText : null;
  if (trained === null) return systemText ?? modelSystemText ?? '';
  return systemText ? `${systemText}\n\n${trained}` : trained;
}

/** A question's words as the model is to read them: a task is put into the words it was trained with. */
export function wordsFor(task: Task | null, words: string): string {
  if (task?.type === 'grounding') return groundingQuestion(words.trim());
  if (task?.type !== 'extraction') return words;
  const rule = `Answer with the values as JSON that follows this schema:\n${JSON.stringify(task.schema)}`;
  return words.trim() === '' ? rule : `${words}\n\n${rule}`;
}

/** The conversation's own sampling stands before what thinking asks for, and behind what candidates must have. */
export function generationFor(
  asked: WayOfAsking,
  seed: number,
  candidate: (CandidatePlace & { isAlone: boolean }) | null,
): NonNullable<AnswerRequest['generation']> {
  const { sampling } = asked.conversation;
  return {
    ...(thinks(asked) && { temperature: thinkingTemperature }),
    ...sampling,
    seed,
    ...(candidate && candidateOptions(candidate, seed)),
    ...(asked.task?.type === 'extraction' && {
      answerFormat: { type: 'json-schema' as const, schema: asked.task.schema },
    }),
  };
}

/** All candidates out of one request, or `isAlone` the one of this number as it would come out of it. */
function candidateOptions({ number, of, isAlone }: CandidatePlace & { isAlone: boolean }, seed: number) {
  const chance = number === 1 ? { temperature: 0 } : { ...candidateSampling, seed: seedOf(seed, number) };
  return isAlone
    ? { ...chance, topLogprobs: 0 }
    : { ...candidateSampling, n: of, greedyFirst: true, topLogprobs: 0 };
}

/** The engine gives each of several answers the seed after the one before it. */
export function seedOf(seed: number, candidate: number): number {
  return (seed + candidate - 1) >>> 0;
}

/** A task's answer has a form of its own, which leaves no room for thoughts. */
function thinks({ conversation, task }: WayOfAsking): boolean {
  return conversation.thinking && task === null;
}
