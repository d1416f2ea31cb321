/** Requests over the preload's bridge, inside the app's own window. */
import type { Bridge, HostFrame, PageFrame } from '../../preload/bridge.ts';
import { collectPayloadParts, splitPayload } from '../../preload/contract/long-payload.ts';
import { putUpload, readFault, type Transport } from './transport.ts';

/** Longest input sent in one frame, in characters of JSON: 48 KB as UTF-16. */
const longestInput = 24_000;

export function bridgeTransport(bridge: Bridge): Transport {
  const open = new Map<number, (frame: HostFrame) => void>();
  const parts = collectPayloadParts();
  let lastId = 0;
  bridge.onFrame((frame) => {
    const key = `${frame.id}`;
    if (frame.kind === 'part') return parts.add(key, frame.payload);
    if (frame.kind !== 'value') {
      parts.forget(key);
      return open.get(frame.id)?.(frame);
    }
    const { parts: count, ...value } = frame;
    open.get(frame.id)?.(count === undefined ? frame : { ...value, payload: parts.take(key, count) });
  });

  return {
    async *open(name, input, signal) {
      signal?.throwIfAborted();
      lastId += 1;
      const id = lastId;
      const waiting: HostFrame[] = [];
      let wake = () => {};
      open.set(id, (frame) => {
        waiting.push(frame);
        wake();
      });
      const cancel = () => bridge.post({ kind: 'cancel', id });
      signal?.addEventListener('abort', cancel, { once: true });
      let isOver = false;
      try {
        for (const frame of openFrames(id, name, input)) bridge.post(frame);
        for (;;) {
          const frame = waiting.shift();
          if (!frame) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          if (frame.kind === 'value') {
            yield frame.payload;
            continue;
          }
          isOver = true;
          if (frame.kind === 'error') throw readFault(frame.payload);
          return;
        }
      } finally {
        signal?.removeEventListener('abort', cancel);
        open.delete(id);
        if (!isOver) cancel();
      }
    },
    async upload(file, how) {
      return (await bridge.offerFile(file)) ?? putUpload(file, how);
    },
  };
}

function openFrames(id: number, name: string, input: unknown): PageFrame[] {
  const texts = (JSON.stringify(input) ?? '').length > longestInput ? splitPayload(input) : [];
  if (texts.length === 0) return [{ kind: 'open', id, payload: { name, input } }];
  return [
    ...texts.map((payload): PageFrame => ({ kind: 'part', id, payload })),
    { kind: 'open', id, payload: { name, input: null }, parts: texts.length },
  ];
}
