/** The service's one line to its host, split by who speaks at the other end: pages, the host, and the other processes. */
import type { FramePort } from '../../native-models/process/child-port.ts';
import type { Frame } from '../../native-models/process/frames.ts';
import { AppError, reportError } from '../../preload/contract/errors.ts';

export interface SplitPort {
  /** The line to senders that `accepts` says yes to. The host has two: it asks and is asked. */
  lineTo(accepts: (sender: string) => boolean): FramePort;
  /** From here on frames are passed on; what came before waits in the port. */
  start(): void;
}

/** A request of a sender whom no line accepts is refused; the host names senders, so none can pretend. */
export function splitPort(port: FramePort): SplitPort {
  const lines: { accepts: (sender: string) => boolean; listeners: ((frame: Frame) => void)[] }[] = [];
  return {
    lineTo(accepts) {
      const listeners: ((frame: Frame) => void)[] = [];
      lines.push({ accepts, listeners });
      return { ...port, onFrame: (listener) => void listeners.push(listener) };
    },
    start() {
      port.onFrame((frame) => {
        const heard = lines.filter(({ accepts }) => accepts(frame.from));
        for (const { listeners } of heard) for (const listener of listeners) listener(frame);
        if (heard.length === 0 && frame.kind === 'open') refuse(port, frame);
      });
    },
  };
}

function refuse(port: FramePort, { from, to, id }: Frame): void {
  const error = new AppError('invalid_request', 'Nobody of this name may ask the service.');
  port.post({ to: from, from: to, id, kind: 'error', payload: reportError(error) });
}
