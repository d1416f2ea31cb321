/** Lines of a text file, without ever holding more than one of a sane length. */
import { AppError } from '../../../preload/contract/errors.ts';

/** A question of one's own takes a few hundred characters; a file without line breaks is no list of questions. */
const mostLineCharacters = 1024 * 1024;

export interface Line {
  text: string;
  /** Counted from 1, empty lines too. */
  number: number;
}

/** Lines that hold anything. @throws AppError `media_broken` naming a line past the limit */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<Line, void, void> {
  let rest = '';
  let number = 0;
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number += 1;
      checkLength(text, number);
      if (text.trim() !== '') yield { text, number };
    }
    checkLength(rest, number + 1);
  }
  if (rest.trim() !== '') yield { text: rest, number: number + 1 };
}

function checkLength(text: string, number: number): void {
  if (text.length > mostLineCharacters) throw brokenLine(number, 'it is longer than a million characters');
}

/** Parses one line's JSON. @throws AppError `media_broken` naming the line */
export function parseJsonLine({ text, number }: Line): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw brokenLine(number, 'it is not valid JSON');
  }
}

export function brokenLine(number: number, why: string): AppError {
  return new AppError('media_broken', `Line ${number} of the data set can't be used: ${why}.`);
}
