/** Several answers to one question, written side by side as versions of each other, of which one is chosen. */
import type { AppEvents } from '../app-events.ts';
import { textOf } from '../store/parts.ts';
import { chooseAnswer, type Judgement, type WrittenAnswer } from './choose-answer.ts';
import type { Critic } from './critic.ts';
import type { RunningAnswer } from './running-answer.ts';

/** Who stops one stops them all; what is whole by then is chosen from. */
export async function watchCandidates(
  answers: readonly RunningAnswer[],
  choose: (answers: RunningAnswer[]) => Promise<void> | void,
): Promise<void> {
  for (const { signal } of answers) {
    signal.addEventListener('abort', () => stopOthers(answers), { once: true });
  }
  await Promise.all(answers.map(({ ended }) => ended));
  const whole = answers.filter((answer) => answer.message().state === 'complete');
  if (whole.length > 1) await choose(whole);
}

function stopOthers(answers: readonly RunningAnswer[]): void {
  const cause = answers.find(({ stopCause }) => stopCause !== null)?.stopCause ?? 'person';
  for (const answer of answers) if (answer.stopCause === null) answer.stop(cause);
}

/**
 * Writes the choice down and shows what was chosen; then a critic of the library reads them all, and its choice takes
 * the place of that one. Whoever has gone on from an answer meanwhile is left where they are.
 */
export function chooseShown(events: AppEvents, critic: Critic): (answers: RunningAnswer[]) => Promise<void> {
  return async (answers) => {
    const { store, conversationId } = answers[0]!;
    const stillThere = () => answers.filter(({ messageId }) => store.hasMessage(messageId));
    const write = (judgement: Judgement | null, isShown: boolean) => {
      store.setChoice(chooseAnswer(stillThere().map(writtenAnswer), judgement), { isShown });
      events.publish({ type: 'conversations-changed', conversationId });
    };
    const candidates = stillThere();
    if (candidates.length < 2) return;
    write(null, true);
    if (hasTask(candidates[0]!)) return;
    const tell = (name: string | null) =>
      events.publish({ type: 'critic-reading', conversationId, critic: name });
    const judgement = await critic.judge(candidates, tell).finally(() => tell(null));
    if (!judgement || stillThere().length < candidates.length) return;
    const shown = store.listMessages(conversationId, { limit: 1 }).messages[0]?.id;
    write(
      judgement,
      candidates.some(({ messageId }) => messageId === shown),
    );
  };
}

/** Boxes, steps and values have a form of their own, which critics were not trained to read. */
function hasTask({ store, messageId }: RunningAnswer): boolean {
  const question = store.listPathTo(messageId).findLast(({ role }) => role === 'user');
  return question?.task != null;
}

function writtenAnswer(answer: RunningAnswer): WrittenAnswer {
  const { messageId, meanLogprob } = answer;
  return { messageId, text: textOf(answer.message().parts), meanLogprob };
}
