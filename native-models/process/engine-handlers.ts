/** What the engine process does for each request, with the way a model is opened passed in. */
import { performance } from 'node:perf_hooks';
import type { Handlers } from '../../preload/contract/define.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { DiskCacheOptions } from '../cache/disk-caches.ts';
import { type Device, type Devices, parseDevice } from '../inference/device.ts';
import type {
  EmbeddingEvent,
  GenerationEvent,
  GenerationRequest,
  JudgeEvent,
  VisionLanguageModel,
} from '../inference/generation-types.ts';
import type { QuestionSize } from '../inference/memory-need.ts';
import type { PictureTiles } from '../media/tiles.ts';
import { openRemoteModel, type RemoteModelAddress } from '../remote/remote-model.ts';
import { createConversationDrafts, joinMessages } from './conversation-pieces.ts';
import type { EngineContract, WireEvent } from './engine-contract.ts';
import { createPictureShelf } from './picture-shelf.ts';
import { processHandlers, readPeakRssBytes } from './process-contract.ts';
import { sayWhileSlow } from './say-while-slow.ts';
import { createLooks } from './stoppable-looks.ts';
import { createTurnQueue } from './turn-queue.ts';

/** Opens a converted model on these devices. */
export type OpenModel = (
  folder: string,
  options: {
    devices: Devices;
    vision?: Device | undefined;
    disk?: DiskCacheOptions | undefined;
    question?: QuestionSize | undefined;
  },
) => Promise<VisionLanguageModel>;

/** Connects to a model on another machine. */
export type ConnectModel = (
  address: RemoteModelAddress,
  options: { signal: AbortSignal },
) => Promise<VisionLanguageModel>;

/** Most prompt or answer tokens and characters one event carries, so that it fits a frame. */
const maxEventTokens = 4096;
const maxEventCharacters = 8192;

/** Most notes a model's description carries, for the same reason; a person reads the first few. */
const maxNotes = 100;

export interface Engine {
  handlers: Handlers<EngineContract>;
  close(): Promise<void>;
}

/** One engine: at most one loaded model, which answers several requests at once and is loaded or given back alone. */
export function createEngine(openModel: OpenModel, connectModel: ConnectModel = openRemoteModel): Engine {
  const shelf = createPictureShelf();
  const drafts = createConversationDrafts();
  const queue = createTurnQueue();
  const looks = createLooks();
  let model: VisionLanguageModel | null = null;

  async function close(): Promise<void> {
    const open = model;
    model = null;
    await open?.close();
  }

  /** In place of the model before, and alone. */
  async function* takeModel(open: () => Promise<VisionLanguageModel>, signal: AbortSignal) {
    const release = yield* queue.waitForTurn(signal);
    if (!release) return;
    try {
      await looks.stopAll();
      await close();
      yield { type: 'progress' as const, done: 0, total: 1 };
      const startedAt = performance.now();
      model = await open();
      const loadMs = performance.now() - startedAt;
      const notes = model.description.notes.slice(0, maxNotes);
      yield { type: 'loaded' as const, description: { ...model.description, notes }, loadMs };
    } finally {
      release();
    }
  }

  /** A picture that was put before the model changed is not in the form that this one reads. */
  function picture(id: string): PictureTiles {
    const tiles = shelf.get(id);
    if ((tiles.whole !== undefined) === (model?.description.remote !== undefined)) return tiles;
    throw new AppError(
      'not_found',
      'The question names a picture that was sent for another model. Ask again.',
      {
        retryable: true,
      },
    );
  }

  const handlers: Handlers<EngineContract> = {
    ...processHandlers,

    async *loadModel({ folder, devices: names, vision: visionName, disk, question }, signal) {
      const devices = names === 'auto' ? names : names.map(parseDevice);
      const vision = visionName === undefined ? undefined : parseDevice(visionName);
      yield* takeModel(() => openModel(folder, { devices, vision, disk, question }), signal);
    },

    async *connectModel(address, signal) {
      try {
        const taking = takeModel(() => connectModel(address, { signal }), signal);
        // A server may take its time to say what it serves; the supervisor must not take that for a hang.
        yield* sayWhileSlow(taking, () => ({ type: 'progress' as const, done: 0, total: 1 }));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },

    async *unloadModel(_, signal) {
      // A server is let go of at once, and what it is being asked ends: whoever unloads may want nothing sent any more.
      if (model?.description.remote) await model.close();
      const release = yield* queue.waitForTurn(signal);
      if (!release) return;
      try {
        await looks.stopAll();
        await close();
        yield { type: 'unloaded' };
      } finally {
        release();
      }
    },

    async putPicture({ pictureId, header, ...piece }) {
      shelf.put(pictureId, header, piece);
      return {};
    },

    async dropPicture({ pictureId }) {
      shelf.drop(pictureId);
      return {};
    },

    async putMessages({ conversationId, messages }) {
      drafts.add(conversationId, messages);
      return {};
    },

    async tokenizeText({ text }) {
      if (!model) throw noModel();
      return { tokenIds: model.encodeText(text) };
    },

    async *lookAhead({ pictureIds, client }, signal) {
      const look = model?.lookAhead;
      if (!look) return;
      const pictures = pictureIds.map(picture);
      let again = { type: 'vision' as const, done: 0, total: 0 };
      yield* looks.run(signal, async function* (either) {
        for await (const event of sayWhileSlow(look({ pictures, client }, either), () => again)) {
          again = event;
          yield event;
        }
      });
    },

    async *embed({ part, client }, signal) {
      const release = yield* queue.waitForTurn(signal, { shared: true });
      if (!release) return;
      try {
        if (!model) throw noModel();
        const named =
          part.type === 'text' ? part : { type: part.type, pictures: part.pictureIds.map(picture) };
        const request = { part: named, ...(client !== undefined && { client }) };
        let again: EmbeddingEvent = { type: 'vision', done: 0, total: 1 };
        for await (const event of sayWhileSlow(model.embed(request, signal), () => again)) {
          if (event.type === 'vision') {
            again = event;
            yield event;
          } else yield { type: 'embedding', vector: bytesOf(event.vector), tokenCount: event.tokenCount };
        }
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      } finally {
        release();
      }
    },

    async *judge({ conversationId, messages, ...options }, signal) {
      const pieces = [...(conversationId ? drafts.take(conversationId) : []), ...messages];
      const request = { ...options, messages: joinMessages(pieces, picture) };
      const release = yield* queue.waitForTurn(signal, { shared: true });
      if (!release) return;
      try {
        if (!model) throw noModel();
        let again: JudgeEvent = { type: 'waiting', ahead: 0 };
        for await (const event of sayWhileSlow(model.judge(request, signal), () => again)) {
          if (event.type !== 'judged') again = event;
          yield event;
        }
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      } finally {
        release();
      }
    },

    async *generate({ conversationId, messages, ...options }, signal) {
      const pieces = [...(conversationId ? drafts.take(conversationId) : []), ...messages];
      const request: GenerationRequest = { ...options, messages: joinMessages(pieces, picture) };
      const release = yield* queue.waitForTurn(signal, { shared: true });
      if (!release) return yield* abortedBeforeTheirTurn(request.generation?.n ?? 1);
      try {
        if (!model) throw noModel();
        let again: GenerationEvent = { type: 'waiting', ahead: 0 };
        for await (const event of sayWhileSlow(model.generate(request, signal), () => again)) {
          again = withoutNews(event);
          yield* wireEvents(event);
        }
      } finally {
        release();
      }
    },
  };
  return { handlers, close };
}

function noModel(): AppError {
  return new AppError('invalid_request', 'No model is loaded; load one first.');
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Cuts what may be long into events that fit a frame. */
function* wireEvents(event: GenerationEvent): Generator<WireEvent> {
  if (event.type === 'prompt') {
    for (let from = 0; from < event.tokenIds.length; from += maxEventTokens) {
      yield { type: 'prompt', tokenIds: event.tokenIds.slice(from, from + maxEventTokens) };
    }
  } else if (event.type === 'end') {
    let { text, tokenIds } = event;
    while (text.length > maxEventCharacters || tokenIds.length > maxEventTokens) {
      yield {
        type: 'answer',
        ...(event.choice !== undefined && { choice: event.choice }),
        text: text.slice(0, maxEventCharacters),
        tokenIds: tokenIds.slice(0, maxEventTokens),
      };
      text = text.slice(maxEventCharacters);
      tokenIds = tokenIds.slice(maxEventTokens);
    }
    yield { ...event, text, tokenIds, peakRssBytes: readPeakRssBytes() };
  } else yield event;
}

/** What may be said again while the next event is waited for: how far the work is, or an empty stretch of text. */
function withoutNews(event: GenerationEvent): GenerationEvent {
  return event.type === 'vision' || event.type === 'prefill' || event.type === 'waiting'
    ? event
    : { type: 'text', text: '', tokenIds: [] };
}

function* abortedBeforeTheirTurn(answers: number): Generator<WireEvent> {
  const none = { visionMs: 0, prefillMs: 0, firstTokenMs: 0, decodeMs: 0, decodeTokensPerSecond: 0 };
  const end = { type: 'end', stopReason: 'aborted', text: '', tokenIds: [] } as const;
  for (let choice = 0; choice < answers; choice++) {
    const which = answers > 1 ? { choice } : {};
    yield* wireEvents({ ...end, tokenIds: [], ...which, timings: { ...none, reusedPromptTokens: 0 } });
  }
}
