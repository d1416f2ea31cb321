/** How an answer ended, whichever way. */
import type { Generation } from '../../../preload/contract/conversations.ts';
import { AppError, type AppErrorReport, reportError } from '../../../preload/contract/errors.ts';
import { logFault } from '../log-fault.ts';
import type { RunningAnswer } from './running-answer.ts';

export interface Outcome {
  state: 'complete' | 'stopped' | 'interrupted' | 'failed';
  generation: Generation | null;
  error: AppErrorReport | null;
}

/** How an answer ends that was stopped before anything could be said of it. */
export function stopped(answer: RunningAnswer): Outcome {
  return { state: answer.stopCause === 'quit' ? 'interrupted' : 'stopped', generation: null, error: null };
}

/** An engine that died leaves the answer interrupted; anything else failed. */
export function failure(answer: RunningAnswer, error: unknown): Outcome {
  if (answer.signal.aborted) return stopped(answer);
  if (!(error instanceof AppError) || error.code === 'internal') logFault(error);
  const report = reportError(error);
  return { state: report.code === 'child_gone' ? 'interrupted' : 'failed', generation: null, error: report };
}
