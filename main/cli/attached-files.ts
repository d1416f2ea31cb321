/** The files of a question: which part of each is meant, and whether it is shown as pictures or read as text. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type FilePart,
  inspectFile,
  readText,
  type ShownFile,
} from '../../native-models/process/media-client.ts';
import type { MediaClient } from '../../native-models/process/media-contract.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { RunContext } from './run-context.ts';

/** A file as the command line names it, and what it turned out to be. */
export type AttachedFile = AttachedPicture | AttachedFilm;

export interface AttachedPicture {
  kind: 'picture';
  name: string;
  path: string;
  part: FilePart;
}

export interface AttachedFilm {
  kind: 'film';
  name: string;
  path: string;
  /** The part of it that was named, start and end; null = the whole. */
  boundMs: [number, number] | null;
  /** Frames it should give; fewer where some can't be decoded. */
  frameCount: number;
}

/** What the model will get: pictures, pages and films to look at, and documents as text. */
export interface Attachments {
  pictures: AttachedFile[];
  documents: { name: string; text: string }[];
}

/** A file's argument: its path, and the page or stretch of time behind it. */
interface FileArgument {
  name: string;
  path: string;
  page: number | null;
  boundMs: [number, number] | null;
}

/** `report.pdf#page=2` means page 2, `film.mp4#t=10-20` those seconds; a file whose name really ends so wins. */
const partSuffix = /^(.+)#(?:page=([1-9]\d{0,5})|t=(\d+(?:\.\d+)?)[-,](\d+(?:\.\d+)?))$/s;

/**
 * Looks at every file before minutes go into the model.
 * @returns null when aborted
 * @throws AppError `not_found` for a missing file, else what the media process says of it
 */
export async function attachFiles(
  command: { files: string[]; frames: number; password: string | null },
  media: MediaClient | null,
  run: RunContext,
): Promise<Attachments | null> {
  const attachments: Attachments = { pictures: [], documents: [] };
  for (const argument of command.files) {
    const file = await readFileArgument(argument);
    if (!media || run.signal.aborted) return null;
    run.terminal.showStatus(`Reading ${file.name}…`);
    const { name, path } = file;
    const source = { path };
    const found = await inspectFile(media, source, command.password ?? undefined);
    if ((found.kind === 'film' ? file.page : file.boundMs) !== null) throw refusePart(name, found.kind);
    if (found.kind === 'film') {
      attachments.pictures.push({ kind: 'film', name, path, ...chooseStretch(file, found, command.frames) });
    } else if (found.kind === 'document') {
      const read = await readText(media, { source, part: {} }, run.signal);
      if (!read) return null;
      if (read.truncated) run.terminal.note(`Note: ${name} is long; only its beginning was read.`);
      run.terminal.note(`Note: of ${name} only the text is read.`);
      attachments.documents.push({ name, text: read.text });
    } else {
      if (file.page === null && found.pageCount > 1) {
        const what = found.kind === 'picture' && found.isAnimated ? 'frame' : 'page';
        run.terminal.note(
          `Note: asking about ${what} 1 of ${found.pageCount}; ${name}#page=2 asks about the second.`,
        );
      }
      const { password } = command;
      const part = {
        ...(file.page !== null && { page: file.page }),
        ...(password !== null && { password }),
      };
      attachments.pictures.push({ kind: 'picture', name, path, part });
    }
  }
  return attachments;
}

/** What a file will show, as far as it is known before it is decoded. */
export function expectShown(file: AttachedFile): ShownFile {
  return file.kind === 'film' ? { kind: 'film', frameCount: file.frameCount } : { kind: 'picture' };
}

/** A short film or stretch gives no more frames than it has. */
function chooseStretch(
  { boundMs }: FileArgument,
  film: { durationMs: number; frameRate: number },
  wished: number,
): { boundMs: [number, number] | null; frameCount: number } {
  const [startMs, endMs] = boundMs ?? [0, film.durationMs];
  const lengthMs = Math.min(endMs, film.durationMs) - startMs;
  const frames = Math.round((lengthMs / 1000) * film.frameRate);
  return { boundMs, frameCount: Math.max(1, Math.min(wished, frames)) };
}

async function readFileArgument(argument: string): Promise<FileArgument> {
  const exists = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  const match = partSuffix.exec(argument);
  const named = match && !(await exists(argument)) ? match : null;
  const path = resolve(named?.[1] ?? argument);
  if (!(await exists(path))) {
    throw new AppError('not_found', `There is no file "${basename(path)}" where the command line says.`);
  }
  return {
    name: basename(path),
    path,
    page: named?.[2] === undefined ? null : Number(named[2]),
    boundMs: named?.[3] === undefined ? null : [Number(named[3]) * 1000, Number(named[4]) * 1000],
  };
}

function refusePart(name: string, kind: string): AppError {
  return kind === 'film'
    ? new AppError(
        'invalid_request',
        `${name} is a film and has no pages; ${name}#t=10-20 names seconds of it.`,
      )
    : new AppError('invalid_request', `${name} is no film: #t= names seconds of films only.`);
}
