/** A critic beside a pipeline: VisualPRM's `select_best_response` as `critic.selectBest(prompt, answers)`. */
import { AppError } from '../../preload/contract/errors.ts';
import type { MessagePart } from '../inference/generation-types.ts';
import { makeTiles } from '../media/tiles.ts';
import { criticMessages, solutionScore, splitSteps } from '../text/critic-prompt.ts';
import type { LoadedImage } from './load-image.ts';
import { openPipelineModel, type PipelineOptions } from './open-pipeline-model.ts';
import { messagesOf, type Prompt } from './prompts.ts';

export interface ScoredAnswer {
  text: string;
  /** Its place among the answers that were given. */
  index: number;
  /** Mean of its steps' scores, 0 to 1. */
  score: number;
  /** Of each step, which a blank line ends: how probable the critic's `+` is against its `-`. */
  stepScores: number[];
}

export interface Critic {
  /**
   * Scores answers to a prompt, the best first, of equal ones the earlier. The critic reads the pictures of all turns
   * and the words of the last question.
   * @throws AppError `context_too_long`, `out_of_memory`, `invalid_request` for no answers
   */
  selectBest(
    prompt: Prompt,
    answers: readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<ScoredAnswer[]>;
  close(): Promise<void>;
}

/**
 * Opens VisualPRM-8B or VisualPRM-8B-v1_1, as published or converted.
 * @throws AppError as `openPipelineModel`; `invalid_request` for a model on a server, which does not tell what is needed
 */
export async function openCritic(folder: string, options: PipelineOptions = {}): Promise<Critic> {
  const { model, systemText } = await openPipelineModel(folder, options);
  const { remote, tileSize, minTiles, maxTiles, useThumbnail } = model.description;
  if (remote) {
    await model.close();
    throw new AppError(
      'invalid_request',
      'A critic must be on this machine: a server does not tell its scores.',
    );
  }
  const cutTiles = ({ picture, maxTiles: asked }: LoadedImage) => {
    const most = asked ?? maxTiles;
    return makeTiles(picture, { tileSize, minTiles: Math.min(minTiles, most), maxTiles: most, useThumbnail });
  };

  async function score(question: MessagePart[], text: string, signal: AbortSignal): Promise<number[]> {
    const messages = criticMessages(question, splitSteps(text), systemText);
    for await (const event of model.judge({ messages }, signal))
      if (event.type === 'judged') return event.scores;
    throw new AppError('internal', 'The engine ended without a judgement.');
  }

  return {
    async selectBest(prompt, answers, { signal = new AbortController().signal } = {}) {
      if (answers.length === 0) throw new AppError('invalid_request', 'There are no answers to score.');
      const turns = (await messagesOf(prompt, cutTiles)).filter(({ role }) => role === 'user');
      const earlier = turns
        .slice(0, -1)
        .flatMap(({ parts }) => parts.filter(({ type }) => type === 'pictures'));
      const question = [...earlier, ...(turns.at(-1)?.parts ?? [])];
      const scored: ScoredAnswer[] = [];
      for (const [index, text] of answers.entries()) {
        const stepScores = await score(question, text, signal);
        scored.push({ text, index, score: solutionScore(stepScores), stepScores });
      }
      return scored.sort((a, b) => b.score - a.score || a.index - b.index);
    },
    close: () => model.close(),
  };
}
