/** The thread a film lives in: what breaks or stalls its reader or decoder ends the thread and nothing else. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AppError, reportError } from '../../../preload/contract/errors.ts';
import { type FilmFile, openFilmFile } from './film-file.ts';
import type { FilmQuestion, FilmReply, FilmThreadStart } from './film-thread.ts';
import { drawFrame, sampleBrightness } from './frame-planes.ts';
import { createFrameReader, type FrameReader } from './frame-reader.ts';

const { source, limits } = workerData as FilmThreadStart;
const port = parentPort as MessagePort;
let film: FilmFile | null = null;
let reader: FrameReader | null = null;

port.on('message', async (question: FilmQuestion) => {
  try {
    const value = await answer(question);
    const moved = value && 'picture' in value ? [value.picture.pixels.buffer as ArrayBuffer] : [];
    port.postMessage({ value } satisfies FilmReply, moved);
  } catch (error) {
    port.postMessage({
      error: reportError(error instanceof AppError ? error : explain(error)),
    } satisfies FilmReply);
    if (!(error instanceof AppError)) port.close(); // a decoder in an unknown state: the thread ends
  }
});

async function answer(question: FilmQuestion): Promise<Extract<FilmReply, { value: unknown }>['value']> {
  film ??= await openFilmFile(source, limits);
  if (question.ask === 'outline') return film.outline();
  reader ??= await createFrameReader(film, limits);
  const { look } = film;
  if (question.ask === 'brightness') {
    const found = await reader.read(question.seconds, sampleBrightness);
    return found && { seconds: found.seconds, brightness: found.drawn };
  }
  const found = await reader.read(question.seconds, (planes) => drawFrame(planes, look));
  return found && { seconds: found.seconds, picture: found.drawn };
}

function explain(cause: unknown): AppError {
  const text = cause instanceof Error ? cause.message : '';
  return /OOM|out of memory/i.test(text)
    ? new AppError('media_too_large', 'The film needs more memory than the app gives it.', { cause })
    : new AppError('media_broken', "The film is damaged or cut off and can't be read.", { cause });
}
