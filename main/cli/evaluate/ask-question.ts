/** One question of a data set asked of one side: pictures, turns, answer, score. */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Question } from '../../../native-models/evaluation/datasets/question.ts';
import type { Result } from '../../../native-models/evaluation/results/result-line.ts';
import { scoreAnswer } from '../../../native-models/evaluation/score-answer.ts';
import { type AnswerEnd, generateAnswer, putPicture } from '../../../native-models/process/engine-client.ts';
import type { EngineClient, PictureId, WireMessage } from '../../../native-models/process/engine-contract.ts';
import { AppError, type AppErrorCode, reportError } from '../../../preload/contract/errors.ts';
import { userMessageParts } from '../user-message.ts';
import type { PlacedQuestion } from './plan.ts';
import { type Cutting, isChildGone, type MediaProcess, type ShownMedia, showMedia } from './show-media.ts';

export interface AskedSide extends Cutting {
  engine: EngineClient;
  media: MediaProcess;
}

/** Faults of one question: they count as a wrong answer. All others are the run's and end it. */
const questionFaults: ReadonlySet<AppErrorCode> = new Set<AppErrorCode>([
  'invalid_request',
  'not_found',
  'path_refused',
  'file_unreadable',
  'media_unsupported',
  'media_broken',
  'media_too_large',
  'password_needed',
  'context_too_long',
  'timed_out',
]);

/** @returns null when aborted */
export async function askQuestion(
  { at, question }: PlacedQuestion,
  side: AskedSide,
  signal: AbortSignal,
): Promise<Result | null> {
  const startedAt = performance.now();
  const asked = {
    type: 'answer' as const,
    at,
    id: question.id,
    group: question.group,
    metric: question.metric,
    question: question.text,
    answers: question.answers,
    cluster: clusterOf(question),
  };
  const elapsed = () => Math.round(performance.now() - startedAt);
  try {
    const media = await lookAt(question, side, signal);
    const end = media && (await answer(question, media, side, signal));
    if (!end || end.stopReason === 'aborted') return null;
    const [picture] = media.pictures;
    const size = picture ? { width: picture.width, height: picture.height } : null;
    return {
      ...asked,
      said: end.text,
      score: scoreAnswer(question, end.text, size ?? undefined),
      size,
      stopReason: end.stopReason,
      tokens: end.counts?.newTokens ?? end.tokenIds.length,
      elapsedMs: elapsed(),
      error: null,
    };
  } catch (cause) {
    if (signal.aborted) return null;
    if (!(cause instanceof AppError) || !questionFaults.has(cause.code)) throw cause;
    const { code, message } = reportError(cause);
    const nothing = { said: '', score: 0, size: null, stopReason: 'error', tokens: 0 };
    return { ...asked, ...nothing, elapsedMs: elapsed(), error: { code, message } };
  }
}

async function lookAt(question: Question, side: AskedSide, signal: AbortSignal): Promise<ShownMedia | null> {
  if (question.media.length === 0) return { pictures: [], shown: [], documents: [] };
  try {
    return await side.media.ask((media) => showMedia(media, question, side, signal));
  } catch (cause) {
    if (!isChildGone(cause)) throw cause;
    const sentence = 'A file of this question ended the process that reads files.';
    throw new AppError('media_broken', sentence, { cause });
  }
}

/** Asks turn by turn; the last answer counts. @returns null when aborted */
async function answer(
  question: Question,
  media: ShownMedia,
  { engine, description }: AskedSide,
  signal: AbortSignal,
): Promise<AnswerEnd | null> {
  const pictureIds: PictureId[] = [];
  try {
    for (const picture of media.pictures) pictureIds.push(await putPicture(engine, picture));
    const messages = systemMessages(question.systemText ?? description.systemText);
    const { maxNewTokens } = question;
    let end: AnswerEnd | null = null;
    for (const [turn, text] of [...question.earlierTexts, question.text].entries()) {
      const attached = turn === 0 ? { ...media, pictureIds } : { shown: [], documents: [], pictureIds: [] };
      if (end) messages.push({ role: 'assistant', parts: [{ type: 'text', text: end.text }] });
      messages.push({ role: 'user', parts: userMessageParts(text, attached) });
      end = await finalAnswer(engine, { messages, generation: { maxNewTokens } }, signal);
      if (!end || end.stopReason === 'aborted') return end;
    }
    return end;
  } finally {
    await Promise.all(pictureIds.map((pictureId) => engine.dropPicture({ pictureId }))).catch(() => {});
  }
}

function systemMessages(text: string | null): WireMessage[] {
  return text ? [{ role: 'system', parts: [{ type: 'text', text }] }] : [];
}

async function finalAnswer(
  engine: EngineClient,
  request: Parameters<typeof generateAnswer>[1],
  signal: AbortSignal,
): Promise<AnswerEnd | null> {
  for await (const event of generateAnswer(engine, request, signal)) if (event.type === 'end') return event;
  if (signal.aborted) return null;
  throw new AppError('internal', 'The engine ended without finishing its answer.');
}

/** Questions about the same media belong together, in this run and the next. */
function clusterOf({ media }: Question): string | null {
  if (media.length === 0) return null;
  const hash = createHash('sha256');
  for (const one of media) hash.update(one.kind === 'path' ? one.path : one.bytes).update('\0');
  return hash.digest('hex').slice(0, 16);
}
