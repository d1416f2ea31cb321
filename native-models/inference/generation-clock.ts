/** Takes the time of one generation's phases. */
import type { GenerationTimings } from './generation-types.ts';

export type GenerationClock = ReturnType<typeof startClock>;

/** Starts now; each phase is marked where it ends. */
export function startClock() {
  const startedMs = performance.now();
  let lastMs = startedMs;
  let firstTokenAtMs = startedMs;
  const phases = { visionMs: 0, prefillMs: 0, firstTokenMs: 0 };
  return {
    reusedPromptTokens: 0,
    /** @param hadWork false: nothing had to be done, which says nothing of how fast it is done; the phase took 0 ms */
    mark(phase: 'visionMs' | 'prefillMs', hadWork = true) {
      const nowMs = performance.now();
      phases[phase] = hadWork ? nowMs - lastMs : 0;
      lastMs = nowMs;
    },
    /** The first token of whichever answer has one first. */
    markFirstToken() {
      if (phases.firstTokenMs > 0) return;
      firstTokenAtMs = performance.now();
      phases.firstTokenMs = firstTokenAtMs - startedMs;
    },
    timings(tokenCount: number): GenerationTimings {
      const decodeMs = phases.firstTokenMs > 0 ? performance.now() - firstTokenAtMs : 0;
      const decodeTokensPerSecond = decodeMs > 0 && tokenCount > 1 ? ((tokenCount - 1) * 1000) / decodeMs : 0;
      return { ...phases, decodeMs, decodeTokensPerSecond, reusedPromptTokens: this.reusedPromptTokens };
    },
  };
}
