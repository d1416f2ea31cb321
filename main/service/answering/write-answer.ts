/** The story of one answer: model → files → prompt → vision → reading → words, each told as it goes. */
import type { LoadedModel } from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { createTurnQueue, type TurnQueue } from '../../../native-models/process/turn-queue.ts';
import type { Generation } from '../../../preload/contract/conversations.ts';
import type { GenerationPhase } from '../../../preload/contract/generation.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import { documentKindOf } from '../attachments/document-kind.ts';
import type { FileTexts } from '../attachments/file-texts.ts';
import type { ConversationCaches } from '../conversation-caches.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { AnswerWriter } from '../store/answers.ts';
import { textOf } from '../store/parts.ts';
import { afterFault } from './after-fault.ts';
import { askEngine, type Ended } from './ask-engine.ts';
import type { EnginePictures } from './engine-pictures.ts';
import { expectedSize } from './expected-size.ts';
import { takeTurn } from './in-turn.ts';
import { type Outcome, stopped } from './outcome.ts';
import { prepareQuestion, type Question } from './prepare-question.ts';
import type { RunningAnswer } from './running-answer.ts';
import { seedOf } from './ways-of-asking.ts';

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
  caches: Pick<ConversationCaches, 'keepFor'>;
  /** Who may put pictures into the engine. */
  preparing: TurnQueue;
}

export function answerWriter(processes: Omit<Tools, 'preparing'>): WriteAnswer {
  const tools: Tools = { ...processes, preparing: createTurnQueue() };
  return async (answer, writer, continues) => {
    const used: { model: LoadedModel | null } = { model: null };
    try {
      return await writeOnce(tools, { answer, writer, continues, isSecondTry: false }, (model) => {
        used.model = model;
      });
    } catch (error) {
      await afterFault(tools.models, used.model, error);
    }
    // A device was lost in the middle of the answer: the CPU goes on with what is there.
    try {
      const said = textOf(answer.message().parts);
      const again = { answer, writer, continues: continues || said !== '', isSecondTry: true, said };
      const outcome = await writeOnce(tools, again);
      const { generation } = outcome;
      if (!generation) return outcome;
      return {
        ...outcome,
        generation: { ...generation, device: `${used.model?.description.device} → ${generation.device}` },
      };
    } catch (error) {
      await afterFault(tools.models, null, error);
      throw error;
    }
  };
}

interface Writing {
  answer: RunningAnswer;
  writer: AnswerWriter;
  continues: boolean;
  /** It was begun on a device that is lost. */
  isSecondTry: boolean;
  /** What the answer holds that is gone on with, where it is not all on the disk yet. */
  said?: string;
}

async function writeOnce(
  tools: Tools,
  { answer, writer, continues, isSecondTry, said }: Writing,
  onModel: (model: LoadedModel) => void = () => {},
): Promise<Outcome> {
  const tell = (phase: GenerationPhase, done = 0, total = 0) =>
    answer.tell({ type: 'phase', phase, done: Math.round(done), total: Math.round(total) });
  tell('model');
  const model = await tools.models.ensure({
    signal: answer.signal,
    onProgress: (done, total) => tell('model', done, total),
    question: () => sizeOf(answer),
  });
  if (!model) return stopped(answer);
  const { description } = model;
  onModel(model);
  const loadedAt = performance.now();
  const prepare = () => prepareInTurn(tools, { answer, model: description, continues });
  const prepared = await (answer.group && !isSecondTry ? answer.group.prepareOnce(prepare) : prepare());
  if (!prepared) return stopped(answer);
  const { onTaken, kept } = prepared;
  try {
    const question = said ? goingOn(prepared.question, said) : prepared.question;
    const readyMs = performance.now() - loadedAt;
    // A server may know nothing of several answers, and what was lost in the middle differs from one to the next.
    const isAlone = isSecondTry || description.remote !== undefined;
    const asked = { answer, writer, question, continues, kept, tell, isAlone, onTaken };
    const end = await askEngine(tools.engine, asked);
    if (!end) return stopped(answer);
    const state = end.stopReason === 'aborted' ? stopped(answer).state : 'complete';
    const totalMs = performance.now() - loadedAt;
    const generation = describe(question, end, { readyMs, totalMs });
    const { number } = answer.candidate ?? { number: 1 };
    return { state, generation: { ...generation, seed: seedOf(question.seed, number) }, error: null };
  } finally {
    onTaken();
  }
}

/** Of the whole conversation that is read, with the answer's room. */
function sizeOf({ store, messageId, conversationId }: RunningAnswer) {
  const { maxNewTokens } = store.getConversation(conversationId).sampling;
  const kindOf = (id: AttachmentId) => documentKindOf(store, id);
  return expectedSize(store.listPathTo(messageId), { kindOf, maxNewTokens });
}

/** What a question is asked with, and how to let the next one prepare. */
export interface Prepared {
  question: Question;
  kept: { keep?: string };
  onTaken: () => void;
}

/**
 * The engine's room for pictures is lent to one question at a time, until the engine has seen which are its own; null
 * when stopped.
 */
async function prepareInTurn(
  tools: Tools,
  asked: Parameters<typeof prepareQuestion>[1],
): Promise<Prepared | null> {
  const onTaken = await takeTurn(tools.preparing, asked.answer.signal);
  if (!onTaken) return null;
  try {
    const question = await prepareQuestion(tools, asked);
    if (question) return { question, kept: await tools.caches.keepFor(question.conversation), onTaken };
  } catch (error) {
    onTaken();
    throw error;
  }
  onTaken();
  return null;
}

/** The last message is the answer itself, with these words. */
function goingOn(question: Question, said: string): Question {
  const last = question.messages.at(-1)!;
  return {
    ...question,
    messages: question.messages.with(-1, { ...last, words: said }),
    saidBefore: said,
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
    newTokens: end.counts?.newTokens ?? end.tokenIds.length,
    reusedPromptTokens,
    visionMs,
    prefillMs,
    firstTokenMs: firstTokenMs > 0 ? readyMs + firstTokenMs : 0,
    decodeMs,
    totalMs,
    ...(thinkingMs > 0 && { thinkingMs }),
    ...(end.visualPositionStep !== undefined && { visualPositionStep: end.visualPositionStep }),
    ...(end.firstKept > 0 &&
      firstKeptId !== undefined && { context: { firstKeptId, droppedMessages: end.firstKept } }),
  };
}
