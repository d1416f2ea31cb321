/** A model on another machine, behind the same interface as one in this process. */
import { AppError } from '../../preload/contract/errors.ts';
import type {
  GenerationEvent,
  GenerationRequest,
  ModelDescription,
  VisionLanguageModel,
} from '../inference/generation-types.ts';
import { mergeStreams } from '../inference/merge-streams.ts';
import { askServer, type ServedModelPlace } from './ask-server.ts';
import { describeServer, findAbilities, type ServerDescription } from './describe-server.ts';
import { createRequestGate, type RequestGate } from './request-gate.ts';
import { gapsInWords } from './server-abilities.ts';
import { hostOf, parseAddress } from './server-address.ts';
import { type ServerLimits, usualLimits } from './server-limits.ts';

export interface RemoteModelAddress {
  /** As a person writes it: `https://gpu.example.org:23333`. */
  url: string;
  /** As the server lists it; null takes the only or the first one. */
  model: string | null;
  key: string | null;
}

/** What the family's models have in common; a server does not tell its own. Source: config.json of OpenGVLab/InternVL3-*. */
const family = {
  tileSize: 448,
  visualTokensPerTile: 256,
  minTiles: 1,
  maxTiles: 12,
  useThumbnail: true,
} as const;

/** Context of InternVL3's language models, where the server does not say how much of it it was started with. */
const usualContextLength = 32_768;

/**
 * Asks the server what it serves, and gives a model that answers there. Nothing of a question is sent before `generate`.
 * @throws AppError `invalid_request` for the address, `not_found` for a model that is not served, and as `describeServer`
 */
export async function openRemoteModel(
  { url, model, key }: RemoteModelAddress,
  {
    signal = new AbortController().signal,
    limits = usualLimits,
  }: { signal?: AbortSignal; limits?: ServerLimits } = {},
): Promise<VisionLanguageModel> {
  const server = { baseUrl: parseAddress(url), key };
  const described = await describeServer(server, { signal, limits });
  const served = model === null ? described.models[0] : described.models.find(({ id }) => id === model);
  if (!served) {
    throw new AppError(
      'not_found',
      `The server has no model of this name. It serves: ${described.models
        .slice(0, 8)
        .map(({ id }) => id)
        .join(', ')}.`,
    );
  }
  const { kind } = described;
  const abilities = await findAbilities(server, { kind, model: served.id, signal, limits });
  const place: ServedModelPlace = { server, model: served.id, abilities, limits, logprobs: true };
  const closing = new AbortController();
  const gate = createRequestGate(limits.requestsAtOnce);
  return {
    description: describe(described, {
      served,
      host: hostOf(server.baseUrl),
      gaps: gapsInWords(abilities),
    }),
    encodeText() {
      throw new AppError(
        'invalid_request',
        'The tokenizer of this model is on its server, and is not asked from here.',
      );
    },
    // biome-ignore lint/correctness/useYield: there is nothing to tell before the refusal
    async *embed() {
      throw new AppError(
        'invalid_request',
        'This model is on another machine, which is not asked for embeddings. Load one from this machine.',
      );
    },
    // biome-ignore lint/correctness/useYield: there is nothing to tell before the refusal
    async *judge() {
      throw new AppError(
        'invalid_request',
        'This model is on another machine, and servers do not give what a critic needs. Load one from this machine.',
      );
    },
    generate: (request, stop) =>
      answer(place, request, { gate, signal: AbortSignal.any([stop, closing.signal]) }),
    async close() {
      closing.abort();
    },
  };
}

function describe(
  { name }: ServerDescription,
  { served, host, gaps }: { served: ServerDescription['models'][number]; host: string; gaps: string[] },
): ModelDescription {
  return {
    name: served.id.slice(0, 200),
    precision: { vision: 'unknown', decoder: 'unknown' },
    device: remoteDevice(host),
    stages: [],
    ...family,
    contextLength: served.contextLength ?? usualContextLength,
    systemText: null, // the server's template has its own
    remote: { host, server: name },
    notes: [
      `Questions, pictures and documents are sent to ${host}.`,
      ...(served.contextLength === null
        ? [`The server does not say how long its context is; ${usualContextLength} tokens are assumed.`]
        : []),
      ...gaps,
    ],
  };
}

/** What an answer that came over the network has in the place of a device; as long as journals keep. */
function remoteDevice(host: string): string {
  return `remote:${host}`.slice(0, 200);
}

/** One connection where the server writes several answers to a question, else one for each. */
async function* answer(
  place: ServedModelPlace,
  request: GenerationRequest,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
): AsyncGenerator<GenerationEvent, void, void> {
  const n = request.generation?.n ?? 1;
  const areNumbered = n > 1;
  const connections =
    n === 1 || place.abilities.severalAnswers
      ? [{ first: 0, count: n, areNumbered }]
      : Array.from({ length: n }, (_, first) => ({ first, count: 1, areNumbered }));
  const streams = connections.map((wanted) =>
    inTurn(gate, signal, () => askServer(place, request, { wanted, signal })),
  );
  yield* streams.length === 1 ? streams[0]! : mergeStreams(streams);
}

/** A request that is aborted while it waits goes through as well: it sends nothing, and ends as every request does. */
async function* inTurn(
  gate: RequestGate,
  signal: AbortSignal,
  ask: () => AsyncGenerator<GenerationEvent, void, void>,
): AsyncGenerator<GenerationEvent, void, void> {
  const ahead = gate.ahead();
  const turn = gate.enter(signal);
  try {
    if (ahead > 0) yield { type: 'waiting', ahead };
    await turn;
    yield* ask();
  } finally {
    void turn.then((leave) => leave?.());
  }
}
