/** Starts the thread of a PDF and asks it questions, each under a limit of time. */

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError, type AppErrorReport, errorFromReport } from '../../../preload/contract/errors.ts';
import { closedThread } from '../closed-thread.ts';
import type { PageRegion, PixelSize } from '../page-render-size.ts';
import type { RgbPicture } from '../rgb-picture.ts';
import { type CompiledWasm, compileWasmFile } from '../web-assembly.ts';
import type { PdfOutline } from './pdf-contents.ts';
import type { PdfLimits } from './pdf-limits.ts';
import type { PageText } from './pdf-page-text.ts';

export interface PdfThreadStart {
  compiled: CompiledWasm;
  bytes: Uint8Array;
  password: string | null;
  limits: PdfLimits;
}

export type PdfQuestion =
  | { ask: 'render'; page: number; region: PageRegion; size: PixelSize }
  | { ask: 'text'; page: number };

export type PdfReply =
  | { value: PdfOutline | RgbPicture | PageText }
  | { error: AppErrorReport; usable: boolean };

export interface PdfThread {
  outline: PdfOutline;
  /** One question at a time. After `timed_out` or a crash of pdfium the thread is gone: see `alive`. */
  ask(question: PdfQuestion): Promise<RgbPicture | PageText>;
  alive(): boolean;
  /** Ends the thread at once; its memory is given back. */
  stop(): Promise<void>;
}

/** @throws AppError as `readPdf` does, and `timed_out` */
export async function startPdfThread(
  bytes: Uint8Array,
  { password, limits }: { password: string | null; limits: PdfLimits },
): Promise<PdfThread> {
  const compiled = await compilePdfium();
  const copy = new Uint8Array(bytes);
  const workerData: PdfThreadStart = { compiled, bytes: copy, password, limits };
  const options = closedThread({ workerData, transferList: [copy.buffer] });
  const worker = new Worker(new URL('./pdf-worker.ts', import.meta.url), options);
  let alive = true;
  let outOfMemory = false;
  worker.on('error', (error) => {
    outOfMemory =
      error instanceof RangeError || (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
  });
  worker.on('exit', () => {
    alive = false;
  });
  const stop = async () => {
    alive = false;
    await worker.terminate();
  };
  const exchange = async (post: () => void, limitMs: number) => {
    worker.ref();
    post();
    const reply = await nextReply(worker, limitMs);
    worker.unref(); // a PDF that is merely open keeps no process alive
    if (typeof reply !== 'string' && 'value' in reply) return reply.value;
    if (typeof reply === 'string' || !reply.usable) await stop();
    throw typeof reply === 'string' ? explainLoss(reply, outOfMemory) : errorFromReport(reply.error);
  };
  try {
    const outline = (await exchange(() => {}, limits.openMs)) as PdfOutline;
    return {
      outline,
      ask: (question) =>
        exchange(() => worker.postMessage(question), limits.pageMs) as Promise<RgbPicture | PageText>,
      alive: () => alive,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Loss = 'silent' | 'gone';

function explainLoss(loss: Loss, outOfMemory: boolean): AppError {
  if (loss === 'silent') {
    return new AppError('timed_out', 'This part of the PDF takes too long to read and was given up.');
  }
  if (outOfMemory) {
    return new AppError('out_of_memory', 'There is not enough free memory to read the PDF.', {
      retryable: true,
    });
  }
  return new AppError('media_broken', "This part of the PDF is damaged and can't be read.");
}

function nextReply(worker: Worker, limitMs: number): Promise<PdfReply | Loss> {
  return new Promise((resolve) => {
    const finish = (reply: PdfReply | Loss) => {
      clearTimeout(timer);
      worker.off('message', finish);
      worker.off('exit', onExit);
      resolve(reply);
    };
    const onExit = () => finish('gone');
    const timer = setTimeout(finish, limitMs, 'silent');
    worker.on('message', finish);
    worker.on('exit', onExit);
  });
}

function compilePdfium(): Promise<CompiledWasm> {
  return compileWasmFile(fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')));
}
