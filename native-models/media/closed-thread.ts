/** How threads that read hostile files are started. */
import type { WorkerOptions } from 'node:worker_threads';

/** They see no environment, take no flags of ours, and what they print goes nowhere. */
export function closedThread(options: WorkerOptions): WorkerOptions {
  return { ...options, env: {}, execArgv: [], stdout: true, stderr: true };
}
