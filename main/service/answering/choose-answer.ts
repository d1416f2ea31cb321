/** Which of several answers to one question is taken, and why. Pure. */
import { finalAnswer } from '../../../native-models/process/answer-texts.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { Choice } from '../../../preload/contract/tasks.ts';

/** What a critic makes of the candidates, in their order, or why it can't say. */
export type Judgement = { critic: string } & ({ scores: number[] } | { absence: string });

export interface WrittenAnswer {
  messageId: Message['id'];
  text: string;
  meanLogprob: number | null;
}

/**
 * The final answer most candidates agree on, of equally many the earlier one. Where no two agree, the one the model was
 * surest of by the mean log-probability of its tokens; where that is not known of all, the first. A critic that has read
 * them decides alone, of equal scores for the earlier one.
 */
export function chooseAnswer(answers: readonly WrittenAnswer[], judgement: Judgement | null = null): Choice {
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
  if (judgement && 'scores' in judgement) {
    const { critic: name, scores } = judgement;
    const judged = candidates.map((candidate, at) => ({ ...candidate, criticScore: scores[at]! }));
    const highest = judged.reduce((found, each) => (each.criticScore > found.criticScore ? each : found));
    return { method: 'critic', critic: { name }, chosenId: highest.messageId, candidates: judged };
  }
  const critic = judgement && { critic: { name: judgement.critic, absence: judgement.absence } };
  return { method, ...critic, chosenId: chosen.messageId, candidates };
}
