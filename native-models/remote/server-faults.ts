/** What a server's refusals mean for a person. The server's own words stay out: they may repeat the question or the key. */
import { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';

/** A busy server's refusal, and how long it asks to be left alone. */
export class BusyServer extends AppError {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super('network_failed', 'The server is busy. Try again later.', { retryable: true });
    this.waitMs = waitMs;
  }
}

/** The server gives no log-probabilities, as it was started. */
export class NoLogprobs extends AppError {
  constructor() {
    super(
      'invalid_request',
      'This server gives no log-probabilities. LMDeploy gives them when it was started with --logprobs-mode raw_logprobs.',
    );
  }
}

export function unreachable(cause?: unknown): AppError {
  return new AppError(
    'network_failed',
    'The server could not be reached. Check its address, and that it runs and this machine may reach it.',
    { retryable: true, cause },
  );
}

export function brokenOff(): AppError {
  return new AppError(
    'network_failed',
    'The connection to the server broke off in the middle of an answer.',
    {
      retryable: true,
    },
  );
}

export function silent(): AppError {
  return new AppError('timed_out', 'The server has said nothing for too long. The connection was closed.', {
    retryable: true,
  });
}

export function tooLong(): AppError {
  return new AppError(
    'network_failed',
    'The server sent more than an answer can be. The connection was closed.',
  );
}

export function notUnderstood(cause?: unknown): AppError {
  return new AppError(
    'network_failed',
    'The server’s answer is not understood. Is it an OpenAI-compatible server?',
    { cause },
  );
}

/** @param body of the refusal, as far as it was read */
export function faultOfStatus(status: number, body: string, headers: Headers): AppError {
  if (status >= 300 && status < 400) {
    return new AppError(
      'path_refused',
      'The server sends its callers to another address. Enter that address yourself, if you trust it.',
    );
  }
  if (status === 401 || status === 403) {
    return new AppError(
      'access_denied',
      'The server refuses this key. Enter the key that it was started with.',
    );
  }
  if (status === 404) {
    return new AppError('not_found', 'The server has no such model, or is no OpenAI-compatible server.');
  }
  if (status === 413) {
    return new AppError(
      'media_too_large',
      'The server takes no question of this size. Show fewer or smaller pictures.',
    );
  }
  if (status === 429 || status === 503) return new BusyServer(waitAsked(headers));
  const known = faultOfWords(body);
  if (known) return known;
  if (status >= 500) {
    return new AppError('network_failed', `The server failed (status ${status}). Its log says why.`, {
      retryable: true,
    });
  }
  return refusedQuestion(status);
}

/** What an error in the middle of a stream means. */
export function faultOfEvent(error: unknown): AppError {
  const words = typeof error === 'string' ? error : JSON.stringify(error);
  return (
    faultOfWords(words) ??
    new AppError('network_failed', 'The server ended its answer with an error. Its log says why.', {
      retryable: true,
    })
  );
}

/**
 * Refusals that a person can do something about, by the words that LMDeploy, vLLM, SGLang and llama.cpp use for them:
 * lmdeploy/serve/openai/chat_completions/validation.py, vllm/renderers/params.py,
 * sglang/srt/managers/tokenizer_manager.py, llama.cpp/tools/server/server-context.cpp.
 */
function faultOfWords(words: string): AppError | null {
  const text = words.slice(0, 20_000).toLowerCase();
  if (
    /context length|context size|context_length|exceed_context|max_model_len|session_len|input is too long/.test(
      text,
    )
  ) {
    return new AppError(
      'context_too_long',
      'The question and what came before it are longer than the server’s model can read. Show less, or begin a new conversation.',
    );
  }
  if (/logprobs?_mode|logprobs[^.]{0,60}not (?:enabled|supported)/.test(text)) return new NoLogprobs();
  if (
    /(?:image|multimodal|mmproj|vision)[^.]{0,80}(?:not supported|unsupported|not support|provide the mmproj)/.test(
      text,
    )
  ) {
    return new AppError('media_unsupported', 'The model on this server takes no pictures.');
  }
  if (/at most \d+ image/.test(text)) {
    return new AppError(
      'media_too_large',
      'The server takes fewer pictures in one question. With vLLM, --limit-mm-per-prompt says how many.',
    );
  }
  return null;
}

function refusedQuestion(status: number): AppError {
  return new AppError(
    'invalid_request',
    `The server refused the question (status ${status}). A setting may lie outside of what it takes; its log says more.`,
  );
}

/** Seconds, or a date. */
function waitAsked(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const seconds = z.coerce
    .number()
    .nonnegative()
    .safeParse(text === '' ? 'none' : text).data;
  if (seconds !== undefined) return seconds * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
