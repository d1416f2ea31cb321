/** What a check found out about a model folder, as its manifest and every process carry it, and what it aims at. */
import { z } from 'zod';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const cosine = z.number().min(-1).max(1);

const visionFidelity = z.strictObject({ visualTokens: count, cosineMean: cosine, cosineMin: cosine });

const textFidelity = z.strictObject({
  positions: count,
  /** Share of positions where both would say the same next token. */
  topOneAgreement: share,
  /** Mean KL divergence from the published weights, nats a position. */
  klDivergence: z.number().nonnegative(),
  /** Of the text that was read, by the published weights and by the model. */
  referencePerplexity: z.number().positive(),
  perplexity: z.number().positive(),
});

const fidelityTargets = z.strictObject({
  visionCosineMean: cosine,
  visionCosineMin: cosine,
  topOneAgreement: share,
  klDivergence: z.number().nonnegative(),
});

/** A matrix in a higher precision than its part of the model. */
const keptMatrix = z.strictObject({
  name: z.string().min(1).max(100),
  precision: z.enum(['fp32', 'fp16', 'int8']),
  /** More than the part's precision would take. */
  addedBytes: count,
});

/** `vision` is absent where no picture was looked at. */
const measures = z.strictObject({ vision: z.exactOptional(visionFidelity), text: textFidelity });

export const fidelityReportSchema = z.strictObject({
  checkedAt: z.iso.datetime(),
  pictures: count,
  tiles: count,
  /** The model as it lies in the folder. */
  measured: measures,
  /** Each part before its own matrices were kept wider in this check. */
  before: z.exactOptional(measures),
  targets: fidelityTargets,
  /** Recipe of the conversion: these matrices are wider than `precision` says. */
  kept: z.array(keptMatrix).max(10_000),
  /** What they may add: a share of the model's bytes without them. */
  budgetBytes: count,
});

export type FidelityReport = z.infer<typeof fidelityReportSchema>;
export type FidelityTargets = z.infer<typeof fidelityTargets>;
export type KeptMatrix = z.infer<typeof keptMatrix>;
export type VisionFidelity = z.infer<typeof visionFidelity>;
export type TextFidelity = z.infer<typeof textFidelity>;

/** Share of a model's bytes that wider matrices may add. */
export const budgetShare = 0.15;

/** Set from what the app's own texts cost a 0.5B model (docs/precision.md); larger ones lose less. */
const textTargets = {
  fp32: { topOneAgreement: 0.99, klDivergence: 0.001 },
  fp16: { topOneAgreement: 0.99, klDivergence: 0.001 },
  int8: { topOneAgreement: 0.92, klDivergence: 0.02 },
  int4: { topOneAgreement: 0.82, klDivergence: 0.1 },
};

/** What a model has to reach, by its decoder's precision. */
export function targetsFor(decoder: keyof typeof textTargets): FidelityTargets {
  return { visionCosineMean: 0.999, visionCosineMin: 0.99, ...textTargets[decoder] };
}

export function meetsVision(vision: VisionFidelity, targets: FidelityTargets): boolean {
  return vision.cosineMean >= targets.visionCosineMean && vision.cosineMin >= targets.visionCosineMin;
}

export function meetsText(text: TextFidelity, targets: FidelityTargets): boolean {
  return text.topOneAgreement >= targets.topOneAgreement && text.klDivergence <= targets.klDivergence;
}
