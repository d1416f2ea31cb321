/** Several answers to one question, written side by side as versions of each other, of which one is chosen. */
import { finalAnswer } from '../../../native-models/process/answer-texts.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { Choice } from '../../../preload/contract/tasks.ts';
import type { AppEvents } from '../app-events.ts';
import type { RunningAnswer } from './running-answer.ts';

/** Who stops one stops them all; what is whole by then is chosen from. */
export async function watchCandidates(
  answers: readonly RunningAnswer[],
  choose: (answers: RunningAnswer[]) => void,
): Promise<void> {
  for (const { signal } of answers) {
    signal.addEventListener('abort', () => stopOthers(answers), { once: true });
  }
  await Promise.all(answers.map(({ ended }) => ended));
  const whole = answers.filter((answer) => answer.message().state === 'complete');
  if (whole.length > 1) choose(whole);
}

function stopOthers(answers: readonly RunningAnswer[]): void {
  const cause = answers.find(({ stopCause }) => stopCause !== null)?.stopCause ?? 'person';
  for (const answer of answers) if (answer.stopCause === null) answer.stop(cause);
}

/** Writes the choice down and shows what was chosen. */
export function chooseShown(events: AppEvents): (answers: RunningAnswer[]) => void {
  return (answers) => {
    const { store, conversationId } = answers[0]!;
    const stillThere = answers.filter(({ messageId }) => store.hasMessage(messageId));
    if (stillThere.length < 2) return;
    const written = stillThere.map((answer) => ({
      messageId: answer.messageId,
      text: textOf(answer.message()),
      meanLogprob: answer.meanLogprob,
    }));
    store.setChoice(chooseAnswer(written));
    events.publish({ type: 'conversations-changed', conversationId });
  };
}

export interface WrittenAnswer {
  messageId: Message['id'];
  text: string;
  meanLogprob: number | null;
}

/**
 * The final answer most candidates agree on, of equally many the earlier one. Where no two agree, the one the model was
 * surest of by the mean log-probability of its tokens; where that is not known of all, the first.
 */
export function chooseAnswer(answers: readonly WrittenAnswer[]): Choice {
  const said = answers.map(({ text }) => finalAnswer(text));
  const candidates = answers.map(({ messageId, meanLogprob }, at) => ({
    messageId,
    votes: said.filter((other) => other === said[at]).length,
    meanLogprob,
  }));
  const most = Math.max(...candidates.map(({ votes }) => votes));
  const isVoted = most > 1;
  const areWeighed = candidates.every(({ meanLogprob }) => meanLogprob !== null);
  const rank = ({ votes, meanLogprob }: (typeof candidates)[number]) =>
    isVoted ? votes : areWeighed ? meanLogprob! : 0;
  const best = Math.max(...candidates.map(rank));
  const chosen = candidates.find((candidate) => rank(candidate) === best)!;
  const method = isVoted ? 'majority' : areWeighed ? 'logprob' : 'first';
  return { method, chosenId: chosen.messageId, candidates };
}

function textOf({ parts }: Message): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
