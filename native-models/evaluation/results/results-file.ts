/** Answers on the disk, line by line: a run that was killed goes on behind the last whole one. */
import { open, readFile, truncate } from 'node:fs/promises';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../../preload/contract/errors.ts';
import { type Result, type RunHeader, result, runHeader } from './result-line.ts';

export interface ResultsFile {
  /** By the question's place. */
  results: Map<number, Result>;
  /** On the disk when it returns. */
  add(result: Result): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the answers of a run, making the file where there is none. A last line that was cut off is taken away.
 * @throws AppError `invalid_request` where the file holds answers of another run or is damaged before its end
 */
export async function openResults(path: string, header: RunHeader): Promise<ResultsFile> {
  const found = await readResults(path, header);
  const file = await open(path, 'a', 0o600).catch((cause: unknown) => {
    throw new AppError('profile_readonly', `${basename(path)} can't be written. Name another --out.`, {
      cause,
    });
  });
  const append = async (line: unknown) => {
    try {
      await file.write(`${JSON.stringify(line)}\n`);
      await file.datasync();
    } catch (cause) {
      throw new AppError('disk_full', `${basename(path)} can't be written. Is the disk full?`, { cause });
    }
  };
  if (found === null) await append(header);
  const results = found ?? new Map<number, Result>();
  let last: Promise<void> = Promise.resolve();
  return {
    results,
    async add(line) {
      // Answers that come at once are written one after the other: a line is never cut by another.
      const added = last.then(() => append(line));
      last = added.catch(() => {});
      await added;
      results.set(line.at, line);
    },
    close: () => file.close(),
  };
}

/** Null for a file that is missing or holds nothing whole. */
async function readResults(path: string, header: RunHeader): Promise<Map<number, Result> | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new AppError('file_unreadable', `${basename(path)} can't be read.`, { cause: error });
  });
  if (bytes === null) return null;
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  if (wholeBytes < bytes.length) await truncate(path, wholeBytes);
  const [first, ...lines] = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  if (first === undefined) return null;
  const kept = runHeader.safeParse(parse(first));
  if (!kept.success || !isDeepStrictEqual(kept.data, header)) {
    throw new AppError(
      'invalid_request',
      `${basename(path)} holds answers of another data set, model or setting. Name another --out, or remove it.`,
    );
  }
  const results = new Map<number, Result>();
  for (const [at, line] of lines.entries()) {
    const read = result.safeParse(parse(line));
    if (read.success) results.set(read.data.at, read.data);
    // A machine that lost its power may leave a last line of zeros.
    else if (at === lines.length - 1) await truncate(path, wholeBytes - Buffer.byteLength(line) - 1);
    else throw damaged(path, at + 2);
  }
  return results;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function damaged(path: string, line: number): AppError {
  return new AppError(
    'invalid_request',
    `Line ${line} of ${basename(path)} is damaged. Remove that line, or name another --out.`,
  );
}
