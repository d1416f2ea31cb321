/** Payloads too long for one frame travel as JSON text in `part` frames before the frame that they belong to. */
import { AppError } from './errors.ts';

/** Characters of JSON in one `part` frame: 32 KB as UTF-16, so a frame with its envelope stays below 64 KiB. */
const partCharacters = 16_000;

/** Longest payload in characters of JSON. */
const maxPayloadCharacters = 32 * 1024 * 1024;

/**
 * Cuts a payload into the texts of its `part` frames. Only plain JSON can travel so: bytes go in pieces of their own.
 * @throws AppError `invalid_request` for more than 32 Mi characters
 */
export function splitPayload(payload: unknown): string[] {
  const text = JSON.stringify(payload);
  if (text.length > maxPayloadCharacters) throw tooLong();
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += partCharacters) parts.push(text.slice(at, at + partCharacters));
  return parts;
}

export interface PayloadParts {
  /** Keeps one `part` of the request or answer `key`. @throws AppError `invalid_request` when it grows too long */
  add(key: string, part: string): void;
  /** The whole payload, once all `count` parts are in; forgets them. @throws AppError `invalid_request` when some are missing */
  take(key: string, count: number): unknown;
  forget(key: string): void;
}

/** Collects the parts of several payloads at once. */
export function collectPayloadParts(): PayloadParts {
  const open = new Map<string, { parts: string[]; characters: number }>();
  return {
    add(key, part) {
      const entry = open.get(key) ?? { parts: [], characters: 0 };
      entry.characters += part.length;
      if (entry.characters > maxPayloadCharacters) {
        open.delete(key);
        throw tooLong();
      }
      entry.parts.push(part);
      open.set(key, entry);
    },
    take(key, count) {
      const parts = open.get(key)?.parts ?? [];
      open.delete(key);
      if (parts.length !== count) throw new AppError('invalid_request', 'A message arrived incomplete.');
      return JSON.parse(parts.join(''));
    },
    forget: (key) => void open.delete(key),
  };
}

function tooLong(): AppError {
  return new AppError('invalid_request', 'This is too long to pass on. Use less text, or a file.');
}
