/** A child process's end of the line to its parent. */
import { checkFrame, type Frame, readFrame } from './frames.ts';
import { watchParent } from './watch-parent.ts';

/** Where frames go out and come in; the same on both sides of a border. */
export interface FramePort {
  /** Checks and sends one frame. */
  post(frame: Frame): void;
  onFrame(listener: (frame: Frame) => void): void;
  /** Resolves once little enough waits to leave; absent where nobody can tell. */
  untilRoom?(): Promise<void>;
}

export interface ChildPort extends FramePort {
  /** Resolves once everything posted so far has left the process. */
  flush(): Promise<void>;
}

/** What Electron gives a utility process instead of Node's channel; it is all that children know of Electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

/**
 * The port of a child, whichever way it was started. What the system tells the whole group (Ctrl-C, the end of a session)
 * is the parent's business, which ends its children in order; a dead parent takes them along.
 */
export function childPort(): ChildPort {
  const { parentPort } = process as { parentPort?: ParentPort | null };
  if (parentPort) return utilityPort(parentPort);
  if (!process.send) throw new Error('This file is a child process: start the app or the CLI instead.');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  watchParent();
  return nodePort();
}

/** Frames on their way; with more, a fast writer would only fill its own memory. */
const mostUnsent = 64;

function nodePort(): ChildPort {
  const unsent = new Set<Promise<void>>();
  return {
    post(frame) {
      checkFrame(frame);
      if (!process.connected) return;
      const sent = new Promise<void>((resolve) => {
        process.send?.(frame, undefined, {}, () => resolve());
      }).finally(() => unsent.delete(sent));
      unsent.add(sent);
    },
    onFrame(listener) {
      process.on('message', (message) => {
        const frame = readFrame(message);
        if (frame) listener(frame);
      });
    },
    async untilRoom() {
      while (unsent.size > mostUnsent) await Promise.race(unsent);
    },
    async flush() {
      await Promise.all(unsent);
    },
  };
}

/** Electron ends utility processes with their parent, and gives no word of when a message has left. */
function utilityPort(parentPort: ParentPort): ChildPort {
  process.on('SIGINT', () => {});
  return {
    post(frame) {
      checkFrame(frame);
      parentPort.postMessage(frame);
    },
    onFrame(listener) {
      parentPort.on('message', ({ data }) => {
        const frame = readFrame(data);
        if (frame) listener(frame);
      });
    },
    flush: () => new Promise((resolve) => setTimeout(resolve, flushMs)),
  };
}

/** Measured: a message reaches main in under 1 ms; a process that exits at once loses it. */
const flushMs = 50;
