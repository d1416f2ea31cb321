/** Parts the frames that reach the host into requests of the service and answers to its own. */
import type { Frame } from '../../native-models/process/frames.ts';

type Listener = (frame: Frame) => void;

/** Both sides number their requests alone, so the kind decides; neither side sends the host long payloads in parts. */
export function splitHostFrames(): {
  receive: Listener;
  onRequest(l: Listener): void;
  onAnswer(l: Listener): void;
} {
  const onRequest: Listener[] = [];
  const onAnswer: Listener[] = [];
  return {
    receive(frame) {
      const listeners = frame.kind === 'open' || frame.kind === 'cancel' ? onRequest : onAnswer;
      for (const listener of listeners) listener(frame);
    },
    onRequest: (listener) => void onRequest.push(listener),
    onAnswer: (listener) => void onAnswer.push(listener),
  };
}
