/** A job's figures, apart from how they are drawn. */
import type { ModelJob } from '../../../preload/contract/model-jobs.ts';

/** Share that is done, from 0 to 1; null where no count is known. */
export function jobShare({ done, total }: Pick<ModelJob, 'done' | 'total'>): number | null {
  return total > 0 ? Math.min(1, done / total) : null;
}

/** "3 hr", "12 min" or "40 sec" in the words of a language: the largest unit that fills, rounded up. */
export function formatTimeLeft(timeLeftMs: number, language: string): string {
  const seconds = Math.max(1, Math.ceil(timeLeftMs / 1000));
  const [value, unit] =
    seconds < 90
      ? ([seconds, 'second'] as const)
      : seconds < 90 * 60
        ? ([Math.ceil(seconds / 60), 'minute'] as const)
        : ([Math.ceil(seconds / 3600), 'hour'] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}
