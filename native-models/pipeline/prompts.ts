/** The forms a prompt may have, as LMDeploy's pipeline takes them, and what each means as messages. */
import { Buffer } from 'node:buffer';
import { AppError } from '../../preload/contract/errors.ts';
import type { Message, MessagePart } from '../inference/generation-types.ts';
import type { PictureTiles } from '../media/tiles.ts';
import { cliQuestion, placePictures } from '../text/image-placeholders.ts';
import { type LoadedImage, loadImage } from './load-image.ts';

/** A part of an OpenAI-style message. Pictures are loaded ones, data URIs or paths; nothing is fetched. */
export type ChatPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; max_dynamic_patch?: number } }
  | { type: 'image'; image: LoadedImage };

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string | ChatPart[];
}

/** Text, text with pictures (`<image>` marks their places), or a conversation of OpenAI's messages. */
export type Prompt =
  | string
  | readonly [string, LoadedImage | readonly LoadedImage[]]
  | readonly ChatMessage[];

/** Cuts a picture into tiles as the model wants them. */
export type CutTiles = (image: LoadedImage) => PictureTiles;

/** Whether it is a list of prompts; one text with pictures is none, nor is one conversation. */
export function isBatch(prompts: Prompt | readonly Prompt[]): prompts is readonly Prompt[] {
  if (!Array.isArray(prompts)) return false;
  const [first, second] = prompts as unknown[];
  const isTextWithPictures =
    prompts.length === 2 && typeof first === 'string' && typeof second !== 'string' && !isPrompt(second);
  return !isTextWithPictures && !isChatMessage(first);
}

/**
 * One turn or a whole conversation.
 * @throws AppError `invalid_request` where placeholders and pictures don't match, and of `loadImage`
 */
export async function messagesOf(prompt: Prompt, cutTiles: CutTiles): Promise<Message[]> {
  if (typeof prompt === 'string') return [userTurn(prompt, [], { firstTurn: true })];
  if (!isTextAndPictures(prompt)) {
    const messages: Message[] = [];
    for (const message of prompt) messages.push(await messageOf(message, cutTiles));
    return messages;
  }
  const [text, given] = prompt;
  const images = 'kind' in given ? [given] : given;
  return [userTurn(cliQuestion(text, images.length), images.map(cutTiles), { firstTurn: true })];
}

/** A user's turn, its pictures where `<image>` stands. */
export function userTurn(
  question: string,
  pictures: readonly PictureTiles[],
  options: { firstTurn: boolean },
): Message {
  const parts = placePictures(question, pictures, options);
  return { role: 'user', parts: parts.length > 0 ? parts : [{ type: 'text', text: '' }] };
}

async function messageOf({ role, content }: ChatMessage, cutTiles: CutTiles): Promise<Message> {
  if (typeof content === 'string') return { role, parts: [{ type: 'text', text: content }] };
  const pictures: MessagePart[] = [];
  const texts: string[] = [];
  for (const part of content) {
    if (part.type === 'text') texts.push(part.text);
    else {
      const image = part.type === 'image' ? part.image : await imageAt(part.image_url);
      pictures.push({ type: 'pictures', pictures: [cutTiles(image)] }, { type: 'text', text: '\n' });
    }
  }
  // LMDeploy lays a message's pictures before its text, whatever their order (lmdeploy/vl/model/internvl.py).
  return { role, parts: [...pictures, { type: 'text', text: texts.join('\n') }] };
}

async function imageAt({ url, max_dynamic_patch: maxTiles }: { url: string; max_dynamic_patch?: number }) {
  const options = maxTiles === undefined ? {} : { maxTiles };
  const encoded = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
  if (encoded !== undefined) return loadImage(Buffer.from(encoded, 'base64'), options);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(url)) {
    throw new AppError(
      'invalid_request',
      'Pictures are not fetched from addresses: pass a path or a data URI.',
    );
  }
  return loadImage(url, options);
}

function isTextAndPictures(
  prompt: Prompt,
): prompt is readonly [string, LoadedImage | readonly LoadedImage[]] {
  return typeof prompt[0] === 'string';
}

function isPrompt(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    (Array.isArray(value) && (typeof value[0] === 'string' || isChatMessage(value[0])))
  );
}

function isChatMessage(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'role' in value;
}
