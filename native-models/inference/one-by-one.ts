/** Sequences that decode together on a decoder that runs one sequence at a time: one run after another. */
import type { DecoderStep, TokenStep } from './decoder.ts';

/** `Decoder.runTogether` over a `run` of one sequence: logits [vocabulary], or states [hidden], for each step. */
export async function runOneByOne(
  run: (step: DecoderStep) => Promise<Float32Array>,
  steps: readonly TokenStep[],
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (const { hidden, position, cache } of steps)
    rows.push(await run({ hidden, positions: Float32Array.of(position), cache, logitRows: [0] }));
  return rows;
}
