/**
 * Reads JSON that comes from outside one item at a time: the elements of a list, the lines of JSON Lines, or one value.
 * An archive of hundreds of megabytes is never in memory whole, and no parse of it keeps others waiting.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../../preload/contract/errors.ts';

/** No conversation has more characters; V8 holds 536 million in a string. */
const longestItem = 400e6;
/** Counted before parsing, since what walks the parsed value later would run out of stack. */
const mostDepth = 100;
/** Bytes that are looked through in one turn: 5 ms. */
const bytesPerTurn = 1024 * 1024;

/** @throws AppError `media_broken` for what is no JSON or is nested more than 100 deep, `media_too_large` beyond 400 M characters an item */
export async function* readJsonItems(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const cutter = itemCutter();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += bytesPerTurn) {
      const text = decode(() => decoder.decode(chunk.subarray(at, at + bytesPerTurn), { stream: true }));
      for (const item of cutter.cut(text)) yield parse(item);
      await nextTurn();
    }
  }
  for (const item of cutter.cut(decode(() => decoder.decode()))) yield parse(item);
  const last = cutter.end();
  if (last !== null) yield parse(last);
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];
const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Finds where items begin and end, by their brackets; whether they are JSON, the parser says. */
function itemCutter() {
  /** Of the item that is not whole yet. */
  let pieces: string[] = [];
  let length = 0;
  let depth = 0;
  let isInItem = false;
  let isInString = false;
  let isEscaped = false;
  let isInList = false;
  let hasBegun = false;

  const keep = (piece: string) => {
    pieces.push(piece);
    length += piece.length;
    if (length > longestItem) throw tooLarge();
  };
  const finish = (rest: string): string => {
    keep(rest);
    const item = pieces.join('');
    pieces = [];
    length = 0;
    isInItem = false;
    return item;
  };

  function* cut(text: string): Generator<string, void, void> {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (isEscaped) isEscaped = false;
      else if (isInString) {
        if (code === backslash) isEscaped = true;
        else if (code === quote) isInString = false;
      } else if (!isInItem && (isBlank(code) || code === comma)) {
        // between two items
      } else if (!hasBegun && code === openBracket) {
        hasBegun = true;
        isInList = true;
      } else if (!isInItem && isInList && code === closeBracket) isInList = false;
      else {
        if (!isInItem) {
          hasBegun = true;
          isInItem = true;
          from = at;
        }
        if (code === quote) isInString = true;
        else if (code === openBracket || code === openBrace) {
          if (++depth > mostDepth) throw broken();
        } else if (code === closeBracket || code === closeBrace) {
          if (depth > 1) depth--;
          else if (depth === 1) {
            depth = 0;
            yield finish(text.slice(from, at + 1));
          } else if (isInList && code === closeBracket) {
            yield finish(text.slice(from, at)); // a number or word at the end of the list
            isInList = false;
          } else throw broken();
        } else if (depth === 0 && (isBlank(code) || code === comma)) yield finish(text.slice(from, at));
      }
    }
    if (isInItem) keep(text.slice(from));
  }

  return {
    cut,
    /** The last item where nothing but the end of the text ends it. */
    end(): string | null {
      if (!hasBegun || isInList || isInString || depth > 0) throw broken();
      return isInItem ? finish('') : null;
    },
  };
}

function parse(item: string): unknown {
  try {
    return JSON.parse(item) as unknown;
  } catch (cause) {
    throw broken(cause);
  }
}

function decode(read: () => string): string {
  try {
    return read();
  } catch (cause) {
    throw broken(cause);
  }
}

function broken(cause?: unknown): AppError {
  return new AppError('media_broken', 'The file is damaged or no JSON. Export it again.', { cause });
}

function tooLarge(): AppError {
  return new AppError('media_too_large', 'A conversation in this archive is too long.');
}
