/** Answers for the API server: files of a request into the engine, its text out, nothing kept. */
import {
  generateAnswer,
  type LoadedModel,
  putPicture,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient, PictureId, WireMessage } from '../../../native-models/process/engine-contract.ts';
import {
  type FileSource,
  inspectFile,
  openFrames,
  openPicture,
  readText,
} from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { modelIdSchema } from '../../../preload/contract/ids.ts';
import type { ApiEngine, ApiEvent, ApiMessage, ApiPart, ApiQuestion } from '../api-server/api-engine.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { afterFault } from './after-fault.ts';
import { type ChoiceRequest, type ToldChoices, toldChoices } from './api-choices.ts';
import { embedInputs } from './api-embeddings.ts';
import { partsOf, type ShownFile } from './prompt-messages.ts';

type FilePart = Extract<ApiPart, { type: 'file' }>;
type Description = LoadedModel['description'];

/** Pages of a document that a request shows; a person chooses them in the app, a client can send pages as pictures. */
const mostPages = 8;
/** Frames of a film, as the model card takes them. */
const filmFrames = 8;
/** Tiles of a picture where the request names no detail: the card's figure. */
const usualTiles = 12;

export function apiAnswers(service: {
  engine: EngineClient;
  media: MediaClient;
  models: LoadedModels;
  library: ModelLibrary;
}): ApiEngine {
  const { engine, media, models, library } = service;

  async function takeModel(name: string | null, signal: AbortSignal): Promise<LoadedModel | null> {
    if (name === null) return models.ensure({ signal });
    const id = modelIdSchema.safeParse(name).data;
    const known = (await library.list()).find((model) => model.id === id || model.name === name);
    if (!known) throw new AppError('not_found', 'There is no model of this name. GET /v1/models lists them.');
    return models.load(known.id, 'auto');
  }

  async function readyMessage(
    message: ApiMessage,
    model: Description,
    lent: { ids: PictureId[]; picturesBefore: number; signal: AbortSignal },
  ): Promise<WireMessage | null> {
    const documents: string[] = [];
    const files: ShownFile[] = [];
    for (const part of message.parts) {
      if (part.type === 'text') continue;
      const opened = await openFile(media, part, model, lent.signal);
      if (!opened) return null;
      if (opened.text !== '') documents.push(`${part.name}:\n${opened.text}\n\n`);
      for (const { kind, pictures } of opened.files) {
        const ids: PictureId[] = [];
        for (const picture of pictures) {
          const id = await putPicture(engine, picture);
          lent.ids.push(id);
          ids.push(id);
        }
        files.push({ kind, ids });
      }
    }
    const words = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const parts = partsOf({ documents: documents.join(''), files, words }, lent.picturesBefore);
    lent.picturesBefore += files.filter(({ kind }) => kind === 'picture').length; // numbers go on over turns
    return { role: message.role, parts };
  }

  return {
    isReady: () => models.state.state !== 'failed',
    async listModels() {
      const known = await library.list();
      return known.map(({ id, contextLength }) => ({ id, contextLength, createdAtMs: 0 }));
    },
    async tokenize(text) {
      await models.ensure({ signal: new AbortController().signal });
      return (await engine.tokenizeText({ text })).tokenIds;
    },
    async embed(question, signal) {
      const embed = (model: LoadedModel | null) =>
        model && embedInputs({ engine, media }, { question, model: model.description }, signal);
      const model = await takeModel(question.model, signal);
      try {
        return await embed(model);
      } catch (error) {
        await afterFault(models, model, error);
        return embed(await models.ensure({ signal }));
      }
    },
    async *answer(question, signal) {
      const model = await takeModel(question.model, signal);
      if (!model) return;
      const told = toldChoices(question);
      try {
        yield* answerOnce(question, { model, told, signal });
      } catch (error) {
        await afterFault(models, model, error);
        // A device was lost in the middle of the answer: the CPU goes on with what was told.
        const another = await models.ensure({ signal });
        if (!another) return;
        try {
          yield* answerOnce(question, { model: another, told, signal, fault: error });
        } catch (again) {
          await afterFault(models, null, again);
        }
      }
    },
  };

  /** @param asked.fault what ended the answer before, if it was begun; thrown where it can't be gone on with */
  async function* answerOnce(
    question: ApiQuestion,
    asked: { model: LoadedModel; told: ToldChoices; signal: AbortSignal; fault?: unknown },
  ): AsyncGenerator<ApiEvent, void, void> {
    const { told, signal, fault } = asked;
    const model = asked.model.description;
    const lent = { ids: [] as PictureId[], picturesBefore: 0, signal };
    try {
      const messages: WireMessage[] = withSystem(question, model);
      for (const message of question.messages.filter(({ role }) => role !== 'system')) {
        const ready = await readyMessage(message, model, lent);
        if (!ready) return;
        messages.push(ready);
      }
      const requests = told.requests(messages);
      if (!requests) throw fault;
      for (const request of requests)
        yield* answerRequest(engine, { question, request, model, told }, signal);
    } finally {
      for (const pictureId of lent.ids) await engine.dropPicture({ pictureId }).catch(() => {});
    }
  }
}

/** The request's own system text, else the model's. */
function withSystem({ messages }: ApiQuestion, model: Description): WireMessage[] {
  const own = messages.filter(({ role }) => role === 'system').flatMap(({ parts }) => parts);
  const text = own.map((part) => (part.type === 'text' ? part.text : '')).join('\n\n') || model.systemText;
  return text ? [{ role: 'system', parts: [{ type: 'text', text }] }] : [];
}

/** All choices are written side by side over one prompt, or one goes on by itself. */
async function* answerRequest(
  engine: EngineClient,
  asked: { question: ApiQuestion; request: ChoiceRequest; model: Description; told: ToldChoices },
  signal: AbortSignal,
): AsyncGenerator<ApiEvent, void, void> {
  const { question, request, model, told } = asked;
  const { stopStrings = [] } = question.sampling;
  let promptTokens = 0;
  for await (const event of generateAnswer(engine, request.request, signal)) {
    if (event.type === 'prompt') promptTokens += event.tokenIds.length;
    else if (event.type === 'waiting' || (event.type === 'prefill' && event.total === 0)) continue;
    else {
      const prompt = told.note({ type: 'prompt', model: model.name, promptTokens }, 0);
      if (prompt) yield prompt;
      if (event.type !== 'text' && event.type !== 'end') continue;
      const choice = request.choice ?? event.choice ?? 0;
      if (event.type === 'text') {
        const { text, logprobs, tokenIds } = event;
        const said: ApiEvent = { type: 'text', choice, text, ...(logprobs && { logprobs }) };
        told.note(said, tokenIds.length);
        if (text !== '' || logprobs) yield said;
        continue;
      }
      const stopString =
        event.stopReason === 'stop-string' && stopStrings.length === 1 ? stopStrings[0]! : null;
      const end: ApiEvent = {
        type: 'end',
        choice,
        stopReason: event.stopReason,
        stopString,
        newTokens: request.tokensBefore + (event.counts?.newTokens ?? event.tokenIds.length),
        ...(event.counts && { promptTokens: event.counts.promptTokens }),
      };
      told.note(end, 0);
      yield end;
    }
  }
}

type Tiles = Parameters<typeof putPicture>[1];

/** What a file is for the model: pictures, frames, pages, or text; null when aborted. */
async function openFile(
  media: MediaClient,
  part: FilePart,
  model: Description,
  signal: AbortSignal,
): Promise<{ text: string; files: { kind: ShownFile['kind']; pictures: Tiles[] }[] } | null> {
  const source: FileSource = { bytes: part.bytes, name: part.name };
  const found = await inspectFile(media, source);
  const maxTiles = part.maxTiles ?? usualTiles;
  const tiling = {
    tileSize: model.tileSize,
    minTiles: Math.min(model.minTiles, maxTiles),
    maxTiles,
    useThumbnail: model.useThumbnail,
    ...(model.remote && { whole: true }),
  };
  if (found.kind === 'document') {
    const read = await readText(media, { source, part: {} }, signal);
    return read && { text: read.text, files: [] };
  }
  if (found.kind === 'film') {
    const pictures: Tiles[] = [];
    const frames = { source, choice: { count: filmFrames }, ...tiling, minTiles: 1, maxTiles: 1 };
    for await (const { picture } of openFrames(media, frames, signal)) pictures.push(picture);
    return signal.aborted ? null : { text: '', files: [{ kind: 'film', pictures }] };
  }
  const pageCount = 'pageCount' in found ? Math.min(found.pageCount ?? 1, mostPages) : 1;
  const files: { kind: 'picture'; pictures: Tiles[] }[] = [];
  for (let page = 1; page <= pageCount; page++) {
    const request = { source, part: pageCount > 1 ? { page } : {}, ...tiling, asReference: false };
    const opened = await openPicture(media, request, signal);
    if (!opened || signal.aborted) return null;
    files.push({ kind: 'picture', pictures: [opened.picture] });
  }
  return { text: '', files };
}
