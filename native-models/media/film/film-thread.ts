/** Starts a thread for a film and asks it questions, one after the other, each under a limit of time. */

import { Worker } from 'node:worker_threads';
import { AppError, type AppErrorReport, errorFromReport } from '../../../preload/contract/errors.ts';
import { closedThread } from '../closed-thread.ts';
import type { RgbPicture } from '../rgb-picture.ts';
import type { FilmOutline } from './film-file.ts';
import type { FilmLimits } from './film-limits.ts';
import type { FilmSource } from './film-source.ts';

export interface FilmThreadStart {
  source: FilmSource;
  limits: FilmLimits;
}

export type FilmQuestion = { ask: 'outline' } | { ask: 'frame' | 'brightness'; seconds: number };

/** The frame found for a wish; its time, in the film's own count, may be a later one than wished. */
export interface FrameReply {
  seconds: number;
  picture: RgbPicture;
}

export interface BrightnessReply {
  seconds: number;
  brightness: Uint8Array;
}

export type FilmReply =
  | { value: FilmOutline | FrameReply | BrightnessReply | null }
  | { error: AppErrorReport };

/** Every question may end as `inspectFilm` does; null answers where the film ends before the wished time. */
export interface FilmThread {
  outline(): Promise<FilmOutline>;
  frame(seconds: number): Promise<FrameReply | null>;
  brightness(seconds: number): Promise<BrightnessReply | null>;
  /** Ends the thread at once; open questions end with `media_broken`. */
  stop(): Promise<void>;
}

/** The heap of the thread's JavaScript: a film's tables of times, never its frames. */
const heapMegabytes = 256;

export function startFilmThread(source: FilmSource, limits: FilmLimits): FilmThread {
  const workerData: FilmThreadStart = { source, limits };
  const options = closedThread({
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  const worker = new Worker(new URL('./film-worker.ts', import.meta.url), options);
  worker.on('error', () => {}); // the exit that follows answers the open question
  let isGone = false;
  worker.on('exit', () => {
    isGone = true;
  });
  worker.unref(); // a film that is merely open keeps no process alive
  let last: Promise<unknown> = Promise.resolve();
  const ask = (question: FilmQuestion) => {
    const limitMs = question.ask === 'outline' ? limits.openMs : limits.frameMs;
    const answer = last.then(() => (isGone ? refuse() : exchange(worker, question, limitMs)));
    last = answer.catch(() => {});
    return answer;
  };
  return {
    outline: () => ask({ ask: 'outline' }) as Promise<FilmOutline>,
    frame: (seconds) => ask({ ask: 'frame', seconds }) as Promise<FrameReply | null>,
    brightness: (seconds) => ask({ ask: 'brightness', seconds }) as Promise<BrightnessReply | null>,
    stop: async () => {
      await worker.terminate();
    },
  };
}

function refuse(): never {
  throw new AppError('media_broken', "This part of the film is damaged and can't be read.");
}

async function exchange(worker: Worker, question: FilmQuestion, limitMs: number) {
  worker.ref();
  const reply = await new Promise<FilmReply | 'silent' | 'gone'>((resolve) => {
    const finish = (outcome: FilmReply | 'silent' | 'gone') => {
      clearTimeout(timer);
      worker.off('message', finish);
      worker.off('exit', onExit);
      resolve(outcome);
    };
    const onExit = () => finish('gone');
    const timer = setTimeout(finish, limitMs, 'silent');
    worker.on('message', finish);
    worker.on('exit', onExit);
    worker.postMessage(question);
  });
  worker.unref();
  if (reply === 'gone') refuse();
  if (reply === 'silent') {
    await worker.terminate();
    throw new AppError('timed_out', 'This part of the film takes too long to read and was given up.');
  }
  if ('error' in reply) throw errorFromReport(reply.error);
  return reply.value;
}
