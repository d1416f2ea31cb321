/** A model's state and figures, apart from how they are drawn. */
import type { ExpectedSpeed, Model, ModelState } from '../../../preload/contract/models.ts';

export type ModelMark = 'none' | 'loading' | 'ready' | 'failed';

export function markOf(model: Model, state: ModelState): ModelMark {
  if (state.state === 'unloaded' || state.modelId !== model.id) return 'none';
  return state.state;
}

/** Share of a load that is done, from 0 to 1; null where no count is known. */
export function loadShare(state: ModelState): number | null {
  if (state.state !== 'loading' || state.total === 0) return null;
  return Math.min(1, state.done / state.total);
}

/** "int4", or both parts where they differ: "int8 / int4". */
export function precisionText({ precision }: Model): string {
  return precision.vision === precision.decoder
    ? precision.decoder
    : `${precision.vision} / ${precision.decoder}`;
}

/** Real models first, by size, since whoever has one wants it; the demo last. */
export function orderModels(models: readonly Model[]): Model[] {
  return [...models].sort(
    (a, b) =>
      Number(a.isDemo) - Number(b.isDemo) || b.sizeBytes - a.sizeBytes || a.name.localeCompare(b.name),
  );
}

/** The model that is loaded or on its way, or failed last. */
export function currentModel(models: readonly Model[], state: ModelState): Model | null {
  if (state.state === 'unloaded') return null;
  return models.find(({ id }) => id === state.modelId) ?? null;
}

/** "A page in about 12 s, 34 tokens/s": as far as figures mean something, one digit below ten. */
export function speedText(
  { pageSeconds, tokensPerSecond }: ExpectedSpeed,
  t: (key: 'speed', values: Record<string, string>) => string,
  language: string,
): string {
  const number = (value: number) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  return t('speed', { seconds: number(pageSeconds), tokens: number(tokensPerSecond) });
}
