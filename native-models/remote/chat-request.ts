/** A question in a server's words: OpenAI's chat completion, with the fields that LMDeploy, vLLM and SGLang add. */
import { Buffer } from 'node:buffer';
import { AppError } from '../../preload/contract/errors.ts';
import type { GenerationOptions, GenerationRequest, Message } from '../inference/generation-types.ts';
import type { PictureTiles } from '../media/tiles.ts';
import { capitalised, type ServerAbilities } from './server-abilities.ts';

/** What the local engine writes at most where nothing is asked for. */
const usualNewTokens = 1024;

interface Asked {
  model: string;
  abilities: ServerAbilities;
  /** Answers that this request asks for. */
  answers: number;
  seed: number | undefined;
  /** False where the server refused them before. */
  logprobs: boolean;
}

/**
 * The body of `POST /v1/chat/completions`. What decides an answer is always sent, so that a server's own defaults don't.
 * @throws AppError `invalid_request` naming what this server can't do
 */
export async function writeChatRequest(request: GenerationRequest, asked: Asked): Promise<object> {
  const { abilities, model } = asked;
  const { generation = {}, visualPositionStep = 'auto' } = request;
  if (visualPositionStep !== 'auto' && visualPositionStep !== 1) {
    throw cannot(abilities, 'move positions by less than 1 for a visual token (V2PE)');
  }
  return {
    model,
    messages: await Promise.all(request.messages.map((message) => writeMessage(message, abilities))),
    stream: true,
    stream_options: { include_usage: true },
    ...continuation(request, abilities),
    ...sampling(generation, asked),
    ...answerFormat(generation, abilities),
    ...tilesOfRequest(request, abilities),
    ...(abilities.tokenIds && { [abilities.tokenIds]: true }),
    ...(abilities.keepsControlTokens && { skip_special_tokens: false, spaces_between_special_tokens: false }),
  };
}

/** Text alone as a string, which every template reads; with pictures as parts. */
async function writeMessage({ role, parts }: Message, abilities: ServerAbilities): Promise<object> {
  const { picturePlace } = abilities;
  const pictures = parts.flatMap((part) => (part.type === 'pictures' ? part.pictures : []));
  if (pictures.length === 0) {
    return {
      role,
      content: parts.map((part) => (part.type === 'text' ? plain(part.text, picturePlace) : '')).join(''),
    };
  }
  const shown = await Promise.all(pictures.map((picture) => writePicture(picture, abilities)));
  if (picturePlace !== null) {
    const text = parts.map((part) =>
      part.type === 'text' ? plain(part.text, picturePlace) : picturePlace.repeat(part.pictures.length),
    );
    return { role, content: [{ type: 'text', text: text.join('') }, ...shown] };
  }
  const content = parts.flatMap((part) =>
    part.type === 'text' ? [{ type: 'text', text: part.text }] : shown.splice(0, part.pictures.length),
  );
  return { role, content };
}

/** What a person wrote is never the place of a picture: the word is broken up. */
function plain(text: string, picturePlace: string | null): string {
  return picturePlace === null ? text : text.replaceAll(picturePlace, picturePlace.replace('<', '< '));
}

async function writePicture(picture: PictureTiles, { maxTiles }: ServerAbilities): Promise<object> {
  if (!picture.whole) throw new AppError('internal', 'A picture for a server must be sent whole.');
  const { pixels, whole } = await encoded(picture);
  const url = `data:image/${whole!.format};base64,${Buffer.from(pixels).toString('base64')}`;
  return {
    type: 'image_url',
    image_url: { url, ...(maxTiles === 'picture' && { max_dynamic_patch: picture.whole.maxTiles }) },
  };
}

/** The encoder is loaded where pictures come as pixels: in a pipeline, which decodes them itself. */
async function encoded(picture: PictureTiles): Promise<PictureTiles> {
  if (picture.whole?.format !== 'rgb') return picture;
  const { encodeWhole } = await import('../media/whole-picture.ts');
  return encodeWhole(picture);
}

function tilesOfRequest({ messages }: GenerationRequest, { maxTiles }: ServerAbilities): object {
  if (maxTiles !== 'request') return {};
  const most = messages
    .flatMap(({ parts }) => parts)
    .flatMap((part) => (part.type === 'pictures' ? part.pictures : []))
    .map(({ whole }) => whole?.maxTiles ?? 1);
  return most.length === 0 ? {} : { mm_processor_kwargs: { max_dynamic_patch: Math.max(...most) } };
}

function continuation({ continueLastAnswer = false }: GenerationRequest, abilities: ServerAbilities): object {
  if (!continueLastAnswer || abilities.continues === 'plain') return {};
  if (abilities.continues === null) throw cannot(abilities, 'go on with an answer that ended early');
  return {
    continue_final_message: true,
    ...(abilities.continues === 'flags' && { add_generation_prompt: false }),
  };
}

function sampling(generation: GenerationOptions, { abilities, answers, seed, logprobs }: Asked): object {
  const { temperature = 0, topP = 1, topK = 0, minP = 0, repetitionPenalty = 1 } = generation;
  const { stopStrings = [], topLogprobs } = generation;
  const own = abilities.sampling;
  if (!own && (topK > 0 || minP > 0 || repetitionPenalty !== 1)) {
    throw cannot(abilities, 'take a top-k, min-p or repetition penalty');
  }
  return {
    max_tokens: generation.maxNewTokens ?? usualNewTokens,
    temperature,
    top_p: topP,
    ...(own && {
      top_k: topK > 0 ? topK : own.allTopK,
      min_p: minP,
      [own.repetitionPenalty]: repetitionPenalty,
    }),
    ...(seed !== undefined && { seed }),
    ...(answers > 1 && { n: answers }),
    ...(stopStrings.length > 0 && { stop: stopStrings }),
    ...(topLogprobs !== undefined &&
      logprobs && { logprobs: true, top_logprobs: Math.max(topLogprobs, abilities.leastLogprobs) }),
  };
}

function answerFormat({ answerFormat: format }: GenerationOptions, abilities: ServerAbilities): object {
  switch (format?.type) {
    case undefined:
      return {};
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'json-schema':
      return {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: format.schema, strict: true },
        },
      };
    case 'regex':
      return regexFormat(format.pattern, abilities);
  }
}

function regexFormat(pattern: string, abilities: ServerAbilities): object {
  switch (abilities.regex) {
    case 'response_format':
      return { response_format: { type: 'regex_schema', regex_schema: pattern } };
    case 'structured_outputs':
      return { structured_outputs: { regex: pattern } };
    case 'regex':
      return { regex: pattern };
    case null:
      throw cannot(abilities, 'hold an answer to a regular expression');
  }
}

function cannot({ name }: ServerAbilities, what: string): AppError {
  return new AppError(
    'invalid_request',
    `${capitalised(name)} can’t ${what}. Leave it out, or use a model on this machine.`,
  );
}
