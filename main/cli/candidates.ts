/** `ask --candidates N`: several answers side by side, of which one is taken by majority, log-probability or a critic. */
import {
  candidateSampling,
  criticMessages,
  solutionScore,
  splitSteps,
} from '../../native-models/process/answer-texts.ts';
import {
  type AnswerEnd,
  type AnswerRequest,
  generateAnswer,
  judgeSolution,
} from '../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../native-models/process/engine-contract.ts';
import { AppError, reportError } from '../../preload/contract/errors.ts';
import type { MessageId } from '../../preload/contract/ids.ts';
import { chooseAnswer, type Judgement } from '../service/answering/choose-answer.ts';
import type { CandidateReport } from './ask-result.ts';
import type { Attachments } from './attached-files.ts';
import type { Started } from './children.ts';
import { expectedQuestion } from './expected-question.ts';
import { openModelFor } from './open-model.ts';
import { openPictures } from './open-pictures.ts';
import type { AskCommand } from './parse-arguments.ts';
import type { RunContext } from './run-context.ts';
import { userMessageParts } from './user-message.ts';

interface Asked {
  request: AnswerRequest;
  /** Ends before a critic is loaded: a machine seldom has the memory for both. */
  started: Started<EngineClient>;
  attached: Attachments;
}

/** @returns the end of the answer that was taken, which is on the terminal then */
export async function askCandidates(
  command: AskCommand,
  { request, started, attached }: Asked,
  run: RunContext,
): Promise<{ end: AnswerEnd; promptTokenIds: number[]; choice: CandidateReport | null }> {
  const written = await writeCandidates(command, started.client, { request, run });
  const { ends, meanLogprobs, promptTokenIds } = written;
  if (run.signal.aborted) return { end: ends[0]!, promptTokenIds, choice: null };
  let judgement: Judgement | null = null;
  if (command.critic !== null) {
    await started.shutdown();
    const texts = ends.map(({ text }) => text);
    judgement = await judge({ ...command, critic: command.critic }, { texts, attached }, run);
  }
  const answers = ends.map(({ text }, at) => ({
    messageId: `${at}` as MessageId, // only told apart by it
    text,
    meanLogprob: meanLogprobs[at] ?? null,
  }));
  const { method, critic, chosenId, candidates } = chooseAnswer(answers, judgement);
  const end = ends[Number(chosenId)]!;
  run.terminal.clearStatus();
  run.terminal.say(end.text);
  run.terminal.note(why({ method, critic, count: ends.length }));
  const report = candidates.map(({ messageId, ...candidate }, at) => ({
    text: ends[at]!.text,
    ...candidate,
    isChosen: messageId === chosenId,
  }));
  return { end, promptTokenIds, choice: { method, ...(critic && { critic }), candidates: report } };
}

async function writeCandidates(
  { candidates, generation }: AskCommand,
  engine: EngineClient,
  { request, run }: { request: AnswerRequest; run: RunContext },
) {
  const n = candidates!;
  const several = { ...generation, ...candidateSampling, n, greedyFirst: true, topLogprobs: 0 };
  const ends: AnswerEnd[] = [];
  const promptTokenIds: number[] = [];
  const sums = Array.from({ length: n }, () => ({ logprob: 0, tokens: 0 }));
  for await (const event of generateAnswer(engine, { ...request, generation: several }, run.signal)) {
    if (event.type === 'prompt') promptTokenIds.push(...event.tokenIds);
    else if (event.type === 'end') ends[event.choice ?? 0] = event;
    else if (event.type === 'text') {
      const sum = sums[event.choice ?? 0]!;
      for (const { logprob } of event.logprobs ?? []) sum.logprob += logprob;
      sum.tokens += event.logprobs?.length ?? 0;
      run.terminal.showStatus(`Writing ${n} answers…`);
    }
  }
  if (ends.length === 0) throw new AppError('internal', 'The engine ended without finishing its answer.');
  const meanLogprobs = sums.map(({ logprob, tokens }) => (tokens > 0 ? logprob / tokens : null));
  return { ends, meanLogprobs, promptTokenIds };
}

/** A critic that can't be used is said, and the other ways of choosing stand. */
async function judge(
  command: AskCommand & { critic: string },
  { texts, attached }: { texts: string[]; attached: Attachments },
  run: RunContext,
): Promise<Judgement | null> {
  const { critic } = command;
  try {
    const engine = run.children.engine().client;
    const asked = { ...command, model: critic, precision: null };
    const question = expectedQuestion(command, attached);
    const opened = await openModelFor(asked, engine, { ...run, question });
    if (!opened) return null;
    const { description } = opened.loaded;
    const media = attached.pictures.length > 0 ? run.children.media() : null;
    const pictures = await openPictures(asked, { files: attached.pictures, engine, media, description }, run);
    if (!pictures) return null;
    const { ids: pictureIds, shown } = pictures;
    const parts = userMessageParts(command.question, { pictureIds, shown, documents: attached.documents });
    const scores: number[] = [];
    for (const [at, text] of texts.entries()) {
      run.terminal.showStatus(`${description.name} reads answer ${at + 1} of ${texts.length}…`);
      const messages = criticMessages(parts, splitSteps(text), description.systemText);
      const judged = await judgeSolution(engine, { messages }, run.signal);
      if (!judged) return null;
      scores.push(solutionScore(judged));
    }
    return { critic: description.name, scores };
  } catch (error) {
    return { critic, absence: reportError(error).message };
  }
}

function why({
  method,
  critic,
  count,
}: Pick<CandidateReport, 'method'> & {
  critic: CandidateReport['critic'] | undefined;
  count: number;
}): string {
  const reason = {
    critic: `Chosen of ${count} by ${critic?.name}: it has the highest score.`,
    majority: `Chosen of ${count} by majority.`,
    logprob: `Chosen of ${count} by the mean log-probability of its tokens: no two agree.`,
    first: `The first of ${count}: no two agree.`,
  }[method];
  return critic?.absence ? `${reason} ${critic.name} did not choose: ${critic.absence}` : reason;
}
