/** The asker's side of the engine: whole pictures in, whole questions in, whole answers out, whatever frames allow. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import { type Devices, deviceName, gpusFor, parseDevices } from '../inference/device.ts';
import type { PictureTiles } from '../media/tiles.ts';
import { splitBytes } from './byte-pieces.ts';
import { splitMessages } from './conversation-pieces.ts';
import {
  conversationId as conversationIdSchema,
  type EngineClient,
  type EngineContract,
  type PictureId,
  pictureId as pictureIdSchema,
  type WireEvent,
  type WireMessage,
} from './engine-contract.ts';

export type { GenerationOptions, Precision, ShownPrecision } from '../inference/generation-types.ts';
export type { QuestionSize } from '../inference/memory-need.ts';
export { type PageSize, pageRenderSize } from '../media/page-render-size.ts';
export { chooseTileGrid } from '../media/tile-grid.ts';
export type { PictureTiles } from '../media/tiles.ts';
export { applyChatTemplate } from '../text/chat-template.ts';
export { cliQuestion, placePictures } from '../text/image-placeholders.ts';

/** What the engine says while it answers; `end` holds the whole answer. */
export type AnswerEvent = Exclude<WireEvent, { type: 'answer' }>;
export type AnswerEnd = Extract<AnswerEvent, { type: 'end' }>;
export type AnswerRequest = Omit<z.input<EngineContract['generate']['input']>, 'conversationId'>;
/** Devices by name, or `auto`. */
export type DeviceNames = z.infer<EngineContract['loadModel']['input']>['devices'];
export type LoadedModel = Extract<z.infer<EngineContract['loadModel']['output']>, { type: 'loaded' }>;

/**
 * Loads a converted model, in place of the one loaded before.
 * @returns null when the signal was aborted before it was loaded
 */
export async function loadModel(
  engine: EngineClient,
  request: z.input<EngineContract['loadModel']['input']>,
  signal?: AbortSignal,
): Promise<LoadedModel | null> {
  for await (const event of engine.loadModel(request, signal)) if (event.type === 'loaded') return event;
  if (signal?.aborted) return null;
  throw new AppError('internal', 'The engine ended without saying whether the model is loaded.');
}

/**
 * Takes a model on another machine, in place of the one loaded before.
 * @returns null when the signal was aborted before the server had answered
 */
export async function connectModel(
  engine: EngineClient,
  request: z.input<EngineContract['connectModel']['input']>,
  signal?: AbortSignal,
): Promise<LoadedModel | null> {
  for await (const event of engine.connectModel(request, signal)) if (event.type === 'loaded') return event;
  if (signal?.aborted) return null;
  throw new AppError('internal', 'The engine ended without saying whether the server answered.');
}

/** The first GPUs by name, as LMDeploy's `tp` counts them; 1 is `auto`. @throws AppError `invalid_request`, `device_unavailable` */
export function gpuNames(count: number): DeviceNames {
  return namesOf(gpusFor(count));
}

/** Reads what a person typed: `auto`, `cpu`, `cuda:0,cuda:1`. @throws AppError `invalid_request` */
export function readDeviceNames(text: string): DeviceNames {
  return namesOf(parseDevices(text));
}

function namesOf(devices: Devices): DeviceNames {
  return devices === 'auto' ? devices : devices.map(deviceName);
}

/** Sends a picture's tiles to the engine. @returns the id by which `generateAnswer` names them */
export async function putPicture(engine: EngineClient, picture: PictureTiles): Promise<PictureId> {
  const pictureId = pictureIdSchema.parse(randomUUID());
  const { pixels, ...header } = picture;
  for (const piece of splitBytes(pixels)) await engine.putPicture({ pictureId, header, ...piece });
  return pictureId;
}

/**
 * One vector [hidden] of length 1 for a text or for a picture that was put; of one model only vectors of this call can
 * be compared. @returns null when the signal was aborted first
 */
export async function embedPart(
  engine: EngineClient,
  request: z.input<EngineContract['embed']['input']>,
  signal?: AbortSignal,
): Promise<{ vector: Float32Array; tokenCount: number } | null> {
  for await (const event of engine.embed(request, signal)) {
    if (event.type === 'embedding') {
      return { vector: new Float32Array(event.vector.slice().buffer), tokenCount: event.tokenCount };
    }
  }
  if (signal?.aborted) return null;
  throw new AppError('internal', 'The engine ended without an embedding.');
}

/**
 * What the loaded critic makes of each step of a solution, laid out by `criticMessages`.
 * @returns null when the signal was aborted first
 */
export async function judgeSolution(
  engine: EngineClient,
  request: Omit<z.input<EngineContract['judge']['input']>, 'conversationId'>,
  signal?: AbortSignal,
): Promise<number[] | null> {
  const conversation = await putConversation(engine, request.messages);
  for await (const event of engine.judge({ ...request, ...conversation }, signal)) {
    if (event.type === 'judged') return event.scores;
  }
  if (signal?.aborted) return null;
  throw new AppError('internal', 'The engine ended without a judgement.');
}

/** Asks the loaded model. An abort ends the stream with the engine's own `end`, one for each answer, the text so far in it. */
export async function* generateAnswer(
  engine: EngineClient,
  request: AnswerRequest,
  signal?: AbortSignal,
): AsyncGenerator<AnswerEvent, void, void> {
  const conversation = await putConversation(engine, request.messages);
  const whole = new Map<number, { text: string; tokenIds: number[] }>();
  for await (const event of engine.generate({ ...request, ...conversation }, signal)) {
    if (event.type !== 'answer' && event.type !== 'end') {
      yield event;
      continue;
    }
    const answer = whole.get(event.choice ?? 0) ?? { text: '', tokenIds: [] };
    whole.set(event.choice ?? 0, answer);
    answer.text += event.text;
    answer.tokenIds.push(...event.tokenIds);
    if (event.type === 'end') yield { ...event, ...answer };
  }
}

/** Sends what of a conversation does not fit one frame; the rest goes with the request that names it. */
async function putConversation(engine: EngineClient, whole: WireMessage[]) {
  const stretches = splitMessages(whole);
  const messages = stretches.pop() ?? [];
  const conversationId = conversationIdSchema.parse(randomUUID());
  for (const stretch of stretches) await engine.putMessages({ conversationId, messages: stretch });
  return { messages, ...(stretches.length > 0 && { conversationId }) };
}
