/** What the engine process answers: load a model, take pictures and long conversations in pieces, generate. */
import { z } from 'zod';
import { type Client, type Contract, call, stream } from '../../preload/contract/define.ts';
import { bytePiece, pictureHeader } from './picture-pieces.ts';
import { processContract } from './process-contract.ts';

const count = z.int().nonnegative();
const positive = z.int().positive();
const milliseconds = z.number().nonnegative();
const tokenIds = z.array(count).max(8192);
const id = z.string().min(1).max(64);
const nothing = z.strictObject({});
const shownPrecision = z.enum(['fp32', 'fp16', 'int8', 'int4', 'unknown']);

export const pictureId = id.brand<'PictureId', 'inout'>();
export type PictureId = z.infer<typeof pictureId>;

export const conversationId = id.brand<'ConversationDraftId', 'inout'>();

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  /** Pictures that share one `<img> … </img>`; more than one only in the card's combined form. */
  z.strictObject({ type: z.literal('pictures'), pictureIds: z.array(pictureId).min(1).max(64) }),
]);

export const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  /** This is not a new message but more of the one before: a long message takes several frames. */
  continues: z.exactOptional(z.literal(true)),
  parts: z.array(part),
});

const answerFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('json') }),
  z.strictObject({ type: z.literal('json-schema'), schema: z.unknown() }),
  z.strictObject({ type: z.literal('regex'), pattern: z.string().max(100_000) }),
]);

const generationOptions = z.strictObject({
  maxNewTokens: z.exactOptional(positive),
  temperature: z.exactOptional(z.number().min(0).max(100)),
  topK: z.exactOptional(count),
  topP: z.exactOptional(z.number().gt(0).max(1)),
  minP: z.exactOptional(z.number().min(0).max(1)),
  repetitionPenalty: z.exactOptional(z.number().gt(0).max(100)),
  seed: z.exactOptional(count),
  n: z.exactOptional(positive.max(16)),
  greedyFirst: z.exactOptional(z.boolean()),
  topLogprobs: z.exactOptional(count.max(20)),
  // Together they fit a frame beside a piece of a conversation.
  stopStrings: z.exactOptional(z.array(z.string().min(1).max(256)).max(16)),
  answerFormat: z.exactOptional(answerFormat),
});

const description = z.strictObject({
  name: z.string(),
  precision: z.strictObject({ vision: shownPrecision, decoder: shownPrecision }),
  device: z.string().max(200),
  stages: z.array(z.strictObject({ device: z.string(), first: count, end: count })).max(32),
  tileSize: positive,
  visualTokensPerTile: positive,
  minTiles: positive,
  maxTiles: positive,
  useThumbnail: z.boolean(),
  contextLength: positive,
  systemText: z.string().nullable(),
  notes: z.array(z.string()),
  /** Present where the model is on another machine: pictures are put whole. */
  remote: z.exactOptional(z.strictObject({ host: z.string(), server: z.string() })),
});

const timings = z.strictObject({
  visionMs: milliseconds,
  prefillMs: milliseconds,
  firstTokenMs: milliseconds,
  decodeMs: milliseconds,
  decodeTokensPerSecond: z.number().nonnegative(),
  reusedPromptTokens: count,
});

const tokenLogprob = z.strictObject({
  id: z.exactOptional(count),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)),
});
const chosenLogprob = z.strictObject({ ...tokenLogprob.shape, top: z.array(tokenLogprob).max(20) });
/** Which of several answers; absent for the only one. */
const choice = z.exactOptional(count);

/** The model is busy with earlier requests. */
const waiting = z.strictObject({ type: z.literal('waiting'), ahead: count });

/** What opening a model tells, wherever the model is. */
const opening = z.discriminatedUnion('type', [
  waiting,
  z.strictObject({ type: z.literal('progress'), done: count, total: count }),
  z.strictObject({ type: z.literal('loaded'), description, loadMs: milliseconds }),
]);

export const engineContract = {
  ...processContract,
  loadModel: stream(
    /** `auto`, or devices by name (`cpu`, `cuda:1`): layers are split over several, the vision encoder on the first. */
    z.strictObject({
      folder: z.string().min(1),
      devices: z.union([z.literal('auto'), z.array(z.string().min(1).max(20)).min(1).max(8)]),
      /** What will be asked first: a model that has no memory left for it is refused before it is loaded. */
      question: z.exactOptional(z.strictObject({ tokens: positive, hasPictures: z.boolean() })),
      /** Where pictures are encoded, if elsewhere. */
      vision: z.exactOptional(z.string().min(1).max(20)),
      /** Where visual tokens and snapshots of requests that say `keep` outlive the process; default nowhere. */
      disk: z.exactOptional(
        z.strictObject({ folder: z.string().min(1), maxBytes: z.number().nonnegative() }),
      ),
    }),
    opening,
  ),
  /**
   * Takes a model on another machine in place of the one loaded before: an OpenAI-compatible server, asked what it
   * serves. Questions go there from then on.
   */
  connectModel: stream(
    z.strictObject({
      url: z.string().min(1).max(500),
      /** As the server lists it; null takes its first. */
      model: z.string().min(1).max(300).nullable(),
      key: z.string().min(1).max(1000).nullable(),
    }),
    opening,
  ),
  /** Gives the model's memory back, once earlier requests are done with it; requests to a server end as stopped. */
  unloadModel: stream(
    nothing,
    z.discriminatedUnion('type', [waiting, z.strictObject({ type: z.literal('unloaded') })]),
  ),
  /** Sends one piece of a picture; it may be named by `generate` once the last piece is in. */
  putPicture: call(z.strictObject({ pictureId, header: pictureHeader, ...bytePiece }), nothing),
  dropPicture: call(z.strictObject({ pictureId }), nothing),
  /** Sends the beginning of a conversation too long for one frame; the `generate` that names it uses it up. */
  putMessages: call(z.strictObject({ conversationId, messages: z.array(message) }), nothing),
  /** Ids of a text by the loaded model's tokenizer. */
  tokenizeText: call(
    z.strictObject({ text: z.string().max(1_000_000) }),
    z.strictObject({ tokenIds: z.array(count) }),
  ),
  /**
   * Looks at pictures that may be asked about while nothing else needs the model, and says how far it is, until it is
   * left. What no question names within seconds after that is forgotten.
   */
  lookAhead: stream(
    z.strictObject({
      pictureIds: z.array(pictureId).min(1).max(64),
      client: z.exactOptional(z.string().max(64)),
    }),
    z.strictObject({ type: z.literal('vision'), done: count, total: count }),
  ),
  /** What a text or pictures are alike to: one vector. */
  embed: stream(
    z.strictObject({ part, client: z.exactOptional(z.string().max(64)) }),
    z.discriminatedUnion('type', [
      waiting,
      z.strictObject({ type: z.literal('vision'), done: count, total: count }),
      /** float32 of this machine, little-endian. */
      z.strictObject({ type: z.literal('embedding'), vector: bytePiece.bytes, tokenCount: count }),
    ]),
  ),
  /**
   * What a critic makes of a solution: the conversation that `criticMessages` lays out, and of each question in it how
   * probable `+` is as the answer.
   */
  judge: stream(
    z.strictObject({
      /** Messages put before, which come first. */
      conversationId: z.exactOptional(conversationId),
      messages: z.array(message),
      client: z.exactOptional(z.string().max(64)),
    }),
    z.discriminatedUnion('type', [
      waiting,
      z.strictObject({ type: z.literal(['vision', 'prefill']), done: count, total: count }),
      z.strictObject({ type: z.literal('judged'), scores: z.array(z.number().min(0).max(1)).max(4096) }),
    ]),
  ),
  generate: stream(
    z.strictObject({
      /** Messages put before, which come first. */
      conversationId: z.exactOptional(conversationId),
      messages: z.array(message),
      continueLastAnswer: z.exactOptional(z.boolean()),
      generation: z.exactOptional(generationOptions),
      visualPositionStep: z.exactOptional(z.union([z.number().gt(0).max(1), z.literal('auto')])),
      /** Whose request it is: clients take turns. */
      client: z.exactOptional(z.string().max(64)),
      /** The name of its conversation in the disk's cache; without it nothing of the request touches the disk. */
      keep: z.exactOptional(z.string().regex(/^[0-9a-f]{64}$/)),
    }),
    z.discriminatedUnion('type', [
      waiting,
      z.strictObject({ type: z.literal('vision'), done: count, total: count }),
      z.strictObject({ type: z.literal('prompt'), tokenIds }),
      z.strictObject({ type: z.literal('prefill'), done: count, total: count }),
      z.strictObject({
        type: z.literal('text'),
        choice,
        text: z.string(),
        tokenIds,
        logprobs: z.exactOptional(z.array(chosenLogprob)),
      }),
      /** The whole answer again, as far as `end` has no room for it. */
      z.strictObject({ type: z.literal('answer'), choice, text: z.string(), tokenIds }),
      z.strictObject({
        type: z.literal('end'),
        choice,
        stopReason: z.enum(['eos', 'length', 'stop-string', 'aborted']),
        text: z.string(),
        tokenIds,
        timings,
        /** V2PE's δ, where the prompt holds pictures. */
        visualPositionStep: z.exactOptional(z.number().gt(0).max(1)),
        /** As a server counted them; absent where the ids tell. */
        counts: z.exactOptional(z.strictObject({ promptTokens: count, newTokens: count })),
        peakRssBytes: z.number().nonnegative(),
      }),
    ]),
  ),
} satisfies Contract;

export type EngineContract = typeof engineContract;
export type EngineClient = Client<EngineContract>;
export type WireMessage = z.infer<typeof message>;
export type WireEvent = z.infer<EngineContract['generate']['output']>;
