/** The story of one answer: model → files → prompt → vision → reading → words, each told as it goes. */
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import type { Generation } from '../../../preload/contract/conversations.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { GenerationPhase } from '../../../preload/contract/generation.ts';
import type { FileTexts } from '../attachments/file-texts.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { AnswerWriter } from '../store/answers.ts';
import { askEngine, type Ended } from './ask-engine.ts';
import type { EnginePictures } from './engine-pictures.ts';
import { type Outcome, stopped } from './outcome.ts';
import { prepareQuestion, type Question } from './prepare-question.ts';
import type { RunningAnswer } from './running-answer.ts';

/** @param continues the message's own text is gone on with, instead of answering the one before */
export type WriteAnswer = (
  answer: RunningAnswer,
  writer: AnswerWriter,
  continues: boolean,
) => Promise<Outcome>;

interface Tools {
  engine: EngineClient;
  models: LoadedModels;
  pictures: EnginePictures;
  texts: FileTexts;
}

export function answerWriter(tools: Tools): WriteAnswer {
  return async (answer, writer, continues) => {
    const tell = (phase: GenerationPhase, done = 0, total = 0) =>
      answer.tell({ type: 'phase', phase, done: Math.round(done), total: Math.round(total) });
    tell('model');
    const model = await tools.models.ensure({
      signal: answer.signal,
      onProgress: (done, total) => tell('model', done, total),
    });
    if (!model) return stopped(answer);
    const loadedAt = performance.now();
    try {
      const question = await prepareQuestion(tools, { answer, model: model.description, continues });
      if (!question) return stopped(answer);
      const readyMs = performance.now() - loadedAt;
      const end = await askEngine(tools.engine, { answer, writer, question, continues, tell });
      if (!end) return stopped(answer);
      const state = end.stopReason === 'aborted' ? stopped(answer).state : 'complete';
      const totalMs = performance.now() - loadedAt;
      return { state, generation: describe(question, end, { readyMs, totalMs }), error: null };
    } catch (error) {
      // Before the next answer takes its turn: it must not rely on a model that went with its process.
      if (error instanceof AppError && error.code === 'child_gone') tools.models.forget();
      throw error;
    }
  };
}

function describe(
  { model, seed, visualTokens, messages, thoughtBeforeMs }: Question,
  end: Ended,
  { readyMs, totalMs }: { readyMs: number; totalMs: number },
): Generation {
  const { visionMs, prefillMs, firstTokenMs, decodeMs, reusedPromptTokens } = end.timings;
  const firstKeptId = messages[end.firstKept]?.id;
  const thinkingMs = thoughtBeforeMs + (end.thinkingMs ?? 0);
  return {
    modelName: model.name,
    visionPrecision: model.precision.vision,
    decoderPrecision: model.precision.decoder,
    device: model.device,
    seed,
    stopReason: end.stopReason,
    promptTokens: end.promptTokens,
    visualTokens,
    newTokens: end.tokenIds.length,
    reusedPromptTokens,
    visionMs,
    prefillMs,
    firstTokenMs: firstTokenMs > 0 ? readyMs + firstTokenMs : 0,
    decodeMs,
    totalMs,
    ...(thinkingMs > 0 && { thinkingMs }),
    ...(end.firstKept > 0 &&
      firstKeptId !== undefined && { context: { firstKeptId, droppedMessages: end.firstKept } }),
  };
}
