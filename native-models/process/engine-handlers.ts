/** What the engine process does for each request, with the way a model is opened passed in. */
import { performance } from 'node:perf_hooks';
import type { Handlers } from '../../preload/contract/define.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type {
  Device,
  GenerationEvent,
  GenerationRequest,
  VisionLanguageModel,
} from '../inference/generation-types.ts';
import { createConversationDrafts, joinMessages } from './conversation-pieces.ts';
import type { EngineContract, WireEvent } from './engine-contract.ts';
import { createPictureShelf } from './picture-shelf.ts';
import { processHandlers, readPeakRssBytes } from './process-contract.ts';
import { sayWhileSlow } from './say-while-slow.ts';
import { createTurnQueue } from './turn-queue.ts';

/** Opens a converted model on a device. */
export type OpenModel = (folder: string, options: { device: Device }) => Promise<VisionLanguageModel>;

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
export function createEngine(openModel: OpenModel): Engine {
  const shelf = createPictureShelf();
  const drafts = createConversationDrafts();
  const queue = createTurnQueue();
  let model: VisionLanguageModel | null = null;

  async function close(): Promise<void> {
    const open = model;
    model = null;
    await open?.close();
  }

  const handlers: Handlers<EngineContract> = {
    ...processHandlers,

    async *loadModel({ folder, device }, signal) {
      const release = yield* queue.waitForTurn(signal);
      if (!release) return;
      try {
        await close();
        yield { type: 'progress', done: 0, total: 1 };
        const startedAt = performance.now();
        model = await openModel(folder, { device });
        const loadMs = performance.now() - startedAt;
        const notes = model.description.notes.slice(0, maxNotes);
        yield { type: 'loaded', description: { ...model.description, notes }, loadMs };
      } finally {
        release();
      }
    },

    async *unloadModel(_, signal) {
      const release = yield* queue.waitForTurn(signal);
      if (!release) return;
      try {
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
      if (!model) throw new AppError('invalid_request', 'No model is loaded; load one first.');
      return { tokenIds: model.encodeText(text) };
    },

    async *generate({ conversationId, messages, ...options }, signal) {
      const pieces = [...(conversationId ? drafts.take(conversationId) : []), ...messages];
      const request: GenerationRequest = { ...options, messages: joinMessages(pieces, shelf.get) };
      const release = yield* queue.waitForTurn(signal, { shared: true });
      if (!release) return yield* abortedBeforeTheirTurn(request.generation?.n ?? 1);
      try {
        if (!model) throw new AppError('invalid_request', 'No model is loaded; load one first.');
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
