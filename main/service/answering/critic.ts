/** The library's critic reads the candidates in a process of its own, beside the model that wrote them or in its place. */
import { criticMessages, solutionScore, splitSteps } from '../../../native-models/process/answer-texts.ts';
import { judgeSolution, type LoadedModel } from '../../../native-models/process/engine-client.ts';
import type { EngineClient, WireMessage } from '../../../native-models/process/engine-contract.ts';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import type { Model } from '../../../preload/contract/models.ts';
import type { FileTexts } from '../attachments/file-texts.ts';
import { logFault } from '../log-fault.ts';
import { type DeviceAdvice, loadOnDevices } from '../models/load-on-devices.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { holdModel } from '../models/model-use.ts';
import { textOf } from '../store/parts.ts';
import type { Judgement } from './choose-answer.ts';
import type { EnginePictures } from './engine-pictures.ts';
import { prepareQuestion } from './prepare-question.ts';
import { partsOf, type ReadyMessage } from './prompt-messages.ts';
import type { RunningAnswer } from './running-answer.ts';

export interface Critic {
  /** Null where the library has no critic. @param onReading told its name before it begins */
  judge(candidates: readonly RunningAnswer[], onReading: (critic: string) => void): Promise<Judgement | null>;
}

export function createCritic(service: {
  /** Of the critic's own process. */
  engine: EngineClient;
  pictures: EnginePictures;
  texts: FileTexts;
  library: Pick<ModelLibrary, 'list' | 'open'>;
  choose: DeviceAdvice['choose'];
  /** Does the work while the answering model has given its memory back and nobody loads it again. */
  whileUnloaded: (work: () => Promise<void>) => Promise<void>;
}): Critic {
  const { engine, pictures, library } = service;
  let last: Promise<unknown> = Promise.resolve();

  async function load(folder: string): Promise<LoadedModel['description']> {
    // A device that is too full for two models has not failed: what answers goes on using it.
    const advice = { choose: service.choose, onFailed: async () => {} };
    const loaded = await loadOnDevices(engine, { folder, devices: 'auto' }, advice);
    if (!loaded) throw new AppError('internal', 'Loading the critic ended early.');
    return loaded.description;
  }

  async function readWith(model: Model, candidates: readonly RunningAnswer[]): Promise<number[]> {
    const signal = new AbortController().signal;
    const found = await library.open(model.id, { onProgress: () => {}, signal });
    if (!found || 'url' in found) throw new AppError('internal', 'The critic is not on this machine.');
    const letGo = await holdModel(found.folder);
    try {
      const description = await load(found.folder);
      const asked = { answer: candidates[0]!, model: description, continues: false };
      const question = await prepareQuestion(service, asked);
      if (!question) throw new AppError('internal', 'The question was stopped.');
      const scores: number[] = [];
      for (const candidate of candidates) {
        const steps = splitSteps(textOf(candidate.message().parts));
        const solution = criticMessages(criticQuestion(question.messages), steps, description.systemText);
        const judged = await judgeSolution(engine, { messages: solution }, signal);
        scores.push(solutionScore(judged ?? []));
      }
      return scores;
    } finally {
      await giveBack().catch(logFault); // its process may be gone, and the memory with it
      await letGo();
    }
  }

  async function giveBack(): Promise<void> {
    await pictures.dropAll();
    for await (const _ of engine.unloadModel({}));
  }

  async function read(model: Model, candidates: readonly RunningAnswer[]): Promise<number[]> {
    try {
      return await readWith(model, candidates);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'out_of_memory') throw error;
    }
    let scores: number[] = [];
    await service.whileUnloaded(async () => {
      scores = await readWith(model, candidates);
    });
    return scores;
  }

  return {
    async judge(candidates, onReading) {
      const model = chooseCritic(await library.list());
      if (!model) return null;
      const critic = model.name;
      const reading = last.then(() => {
        onReading(critic);
        return read(model, candidates);
      });
      last = reading.catch(() => {});
      try {
        return { critic, scores: await reading };
      } catch (error) {
        return { critic, absence: reportError(error).message };
      }
    },
  };
}

/** Of several the one whose name comes last: VisualPRM-8B-v1_1 is newer and better than VisualPRM-8B. */
export function chooseCritic(models: readonly Model[]): Model | null {
  const critics = models.filter(({ isCritic }) => isCritic);
  return critics.sort((a, b) => b.name.localeCompare(a.name))[0] ?? null;
}

/** All the conversation's pictures and documents, and the last question's words: critics were trained on one question. */
export function criticQuestion(messages: readonly ReadyMessage[]): WireMessage['parts'] {
  const asked = messages.findLast(({ role }) => role === 'user');
  return partsOf({
    documents: messages.map(({ documents }) => documents).join(''),
    files: messages.flatMap(({ files }) => files),
    words: asked?.words ?? '',
  });
}
