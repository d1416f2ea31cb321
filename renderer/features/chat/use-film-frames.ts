/** The chosen frames of a film: sampled by the app, then changed by hand. */
import { useEffect, useRef, useState } from 'react';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

interface Sampling {
  count: number;
  startMs: number;
  endMs: number;
  how: 'evenly' | 'scenes';
}

/** Sliders move faster than films are read. */
const sampleAfterMs = 300;

export function useFilmFrames(part: { attachmentId: AttachmentId; frameTimesMs: readonly number[] }) {
  const [timesMs, setTimesMs] = useState<readonly number[]>(part.frameTimesMs);
  const leave = useRef(new AbortController());
  useEffect(() => () => leave.current.abort(), []);
  return {
    timesMs,
    sample(sampling: Sampling) {
      leave.current.abort();
      leave.current = new AbortController();
      const { signal } = leave.current;
      setTimeout(() => {
        if (signal.aborted) return;
        api.sampleFrames({ id: part.attachmentId, ...sampling }, signal).then(
          (sampled) => !signal.aborted && setTimesMs(sampled.timesMs),
          (error: unknown) => !signal.aborted && showFailure(error),
        );
      }, sampleAfterMs);
    },
    add: (timeMs: number) => setTimesMs((before) => [...new Set([...before, timeMs])].sort((a, b) => a - b)),
    remove: (timeMs: number) => setTimesMs((before) => before.filter((other) => other !== timeMs)),
  };
}
