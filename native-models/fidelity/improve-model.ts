/** Looks for matrices worth keeping wider where a part of the model misses its aim, within the bytes it may add. */
import type { ModelManifest } from '../conversion/model-manifest.ts';
import type { Check } from './check-model.ts';
import { type FallbackCandidate, fewestThatMeet, mostProbes, rankFallbacks } from './choose-fallbacks.ts';
import {
  budgetShare,
  type FidelityTargets,
  type KeptMatrix,
  meetsText,
  meetsVision,
  type TextFidelity,
  type VisionFidelity,
} from './fidelity-report.ts';
import { measureText, type TextReference, textRuns } from './measure-text.ts';
import { measureVision, type VisionReference } from './measure-vision.ts';
import { scoreMatrices, scoringRuns } from './score-matrices.ts';
import { widenedWeights } from './stage-weights.ts';

/** Bytes that wider matrices may add, and what is left of them. */
export interface FallbackBudget {
  totalBytes: number;
  leftBytes: number;
}

/** What a part measured before and after, and the matrices that made the difference. */
export interface Improvement<Measured> {
  before: Measured;
  measured: Measured;
  taken: readonly FallbackCandidate[];
}

interface Aim {
  targets: FidelityTargets;
  budget: FallbackBudget;
  keepWider: boolean;
}

/** Inputs that matrices are ranked on; the ranking is then tried on all. */
const scoredInputs = 2;

/** @param earlier matrices that an earlier check has widened: they count against the budget */
export function startBudget({ files }: ModelManifest, earlier: readonly KeptMatrix[]): FallbackBudget {
  const usedBytes = earlier.reduce((sum, { addedBytes }) => sum + addedBytes, 0);
  const modelBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - usedBytes;
  const totalBytes = Math.floor(budgetShare * modelBytes);
  return { totalBytes, leftBytes: Math.max(0, totalBytes - usedBytes) };
}

type MeasuredVision = Awaited<ReturnType<typeof measureVision>>;

export async function improveVision(
  check: Check,
  work: Aim & { reference: VisionReference; first: MeasuredVision },
): Promise<Improvement<VisionFidelity> & { visualTokens: Float32Array[] }> {
  const { first, reference, targets } = work;
  const measure = (onRun: () => void) => (taken: readonly FallbackCandidate[]) =>
    measureVision(reference, weightsWith(check, taken), { ...check.place, onRun });
  const found = await seek(check, {
    ...work,
    part: 'vision-fallbacks',
    stages: reference.stages,
    measureRuns: reference.stages.length * reference.tiles.length,
    inputs: reference.tiles,
    measure,
    met: ({ fidelity }) => meetsVision(fidelity, targets),
    better: ({ fidelity }) => fidelity.cosineMean > first.fidelity.cosineMean,
  });
  const { measured, taken } = found ?? { measured: first, taken: [] };
  return {
    before: first.fidelity,
    measured: measured.fidelity,
    visualTokens: measured.visualTokens,
    taken,
  };
}

/** @param work.published embeddings with the published model's visual tokens, [tokens, hidden] each */
export async function improveText(
  check: Check,
  work: Aim & {
    reference: TextReference;
    embeddings: Float32Array[];
    published: Float32Array[];
    first: TextFidelity;
  },
): Promise<Improvement<TextFidelity>> {
  const { first, reference, targets, embeddings } = work;
  const measure = (onRun: () => void) => (taken: readonly FallbackCandidate[]) =>
    measureText(reference, embeddings, {
      weights: weightsWith(check, taken),
      place: { ...check.place, onRun },
    });
  const found = await seek(check, {
    ...work,
    part: 'text-fallbacks',
    stages: reference.stages,
    measureRuns: textRuns(reference),
    inputs: work.published,
    measure,
    met: (text) => meetsText(text, targets),
    better: (text) => text.klDivergence < first.klDivergence,
  });
  return { before: first, measured: found?.measured ?? first, taken: found?.taken ?? [] };
}

interface Search<Measured> extends Aim {
  part: 'vision-fallbacks' | 'text-fallbacks';
  first: Measured;
  stages: VisionReference['stages'];
  /** Runs of one whole measurement. */
  measureRuns: number;
  inputs: readonly Float32Array[];
  measure: (onRun: () => void) => (taken: readonly FallbackCandidate[]) => Promise<Measured>;
  met: (measured: Measured) => boolean;
  better: (measured: Measured) => boolean;
}

async function seek<Measured>(check: Check, search: Search<Measured>) {
  const { folder, source, place } = check;
  const { stages, inputs, budget } = search;
  if (!search.keepWider || search.met(search.first)) return null;
  const chosen = spread(inputs, scoredInputs);
  const onScored = check.progress(search.part, scoringRuns(stages, chosen.length));
  const candidates = await scoreMatrices(
    { stages, inputs: chosen, folder, source },
    { ...place, onRun: onScored },
  );
  const ranked = rankFallbacks(candidates, budget.leftBytes);
  const onProbed = check.progress(search.part, mostProbes(ranked.length) * search.measureRuns);
  const found = await fewestThatMeet(ranked, search.measure(onProbed), search);
  budget.leftBytes -= found?.taken.reduce((sum, { addedBytes }) => sum + addedBytes, 0) ?? 0;
  return found;
}

function weightsWith({ folder, source }: Check, taken: readonly FallbackCandidate[]) {
  return widenedWeights(folder, source, new Map(taken.map(({ name, precision }) => [name, precision])));
}

/** So many of the list, as far apart as it allows. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}
