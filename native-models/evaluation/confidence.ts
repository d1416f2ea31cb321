/** How sure a score is, and whether one model is really better than another on the same questions. */
import { createRandom } from '../inference/random.ts';

export interface Interval {
  mean: number;
  low: number;
  high: number;
}

/** One question's score, and what it shares with others. */
export interface ScoredUnit {
  score: number;
  /** Questions about one picture succeed and fail together, so they are drawn together; default: alone. */
  cluster?: string;
  /** Part of the benchmark; matters where groups count equally. Default: one group. */
  group?: string;
}

export interface IntervalOptions {
  /** Default: the mean of all questions. */
  score?: 'mean' | 'mean-of-groups';
  /** Default 1. */
  seed?: number;
}

const draws = 2000;

/** Sums of one cluster, group by group. */
interface Cluster {
  sums: Float64Array;
  counts: Float64Array;
}

/**
 * Score with its 95 % interval: percentile bootstrap over clusters, 2,000 draws with a fixed seed. Empty: all zero.
 * Clusters as in Miller 2024, arXiv 2411.00640, section 2.2.
 */
export function scoreInterval(units: readonly ScoredUnit[], options: IntervalOptions = {}): Interval {
  if (units.length === 0) return { mean: 0, low: 0, high: 0 };
  const clusters = sumClusters(units, options.score ?? 'mean');
  const random = createRandom(options.seed ?? 1);
  const means = Array.from({ length: draws }, () => {
    const drawn = clusters.map(() => clusters[Math.floor(random() * clusters.length)]!);
    return meanOfGroups(drawn);
  }).sort((a, b) => a - b);
  return {
    mean: meanOfGroups(clusters),
    low: means[Math.floor(draws * 0.025)]!,
    high: means[Math.ceil(draws * 0.975) - 1]!,
  };
}

function sumClusters(units: readonly ScoredUnit[], score: 'mean' | 'mean-of-groups'): Cluster[] {
  const groupOf = (unit: ScoredUnit) => (score === 'mean' ? '' : (unit.group ?? ''));
  const groups = [...new Set(units.map(groupOf))];
  const places = new Map(groups.map((group, at) => [group, at]));
  const clusters = new Map<string | number, Cluster>();
  for (const [at, unit] of units.entries()) {
    const key = unit.cluster ?? at;
    const cluster = clusters.get(key) ?? {
      sums: new Float64Array(groups.length),
      counts: new Float64Array(groups.length),
    };
    clusters.set(key, cluster);
    const place = places.get(groupOf(unit))!;
    cluster.sums[place]! += unit.score;
    cluster.counts[place]! += 1;
  }
  return [...clusters.values()];
}

/** A group that a draw left out doesn't count in it. */
function meanOfGroups(clusters: readonly Cluster[]): number {
  const groupCount = clusters[0]?.sums.length ?? 0;
  let total = 0;
  let met = 0;
  for (let group = 0; group < groupCount; group++) {
    let sum = 0;
    let count = 0;
    for (const cluster of clusters) {
      sum += cluster.sums[group]!;
      count += cluster.counts[group]!;
    }
    if (count === 0) continue;
    total += sum / count;
    met += 1;
  }
  return met === 0 ? 0 : total / met;
}

/**
 * Mean difference `left − right`, from `left`'s units and `right`'s scores of the same questions in the same order; the
 * pairing makes it much narrower than two intervals.
 */
export function pairedDifference(
  left: readonly ScoredUnit[],
  right: readonly number[],
  options: IntervalOptions = {},
): Interval {
  if (left.length !== right.length) throw new RangeError('both models must have answered the same questions');
  return scoreInterval(
    left.map((unit, at) => ({ ...unit, score: unit.score - right[at]! })),
    options,
  );
}

export interface PairedCounts {
  /** Questions only the left, only the right model got right. */
  onlyLeft: number;
  onlyRight: number;
  /** Probability of a split at least as uneven if both were equally good: McNemar's exact two-sided test. */
  p: number;
}

/** Counts where two models differ in right and wrong; null where a score is neither 0 nor 1. */
export function mcNemar(left: readonly number[], right: readonly number[]): PairedCounts | null {
  if (left.length !== right.length) throw new RangeError('both models must have answered the same questions');
  if ([...left, ...right].some((score) => score !== 0 && score !== 1)) return null;
  const onlyLeft = left.filter((score, at) => score > right[at]!).length;
  const onlyRight = left.filter((score, at) => score < right[at]!).length;
  return { onlyLeft, onlyRight, p: binomialTwoSided(Math.min(onlyLeft, onlyRight), onlyLeft + onlyRight) };
}

/** 2 · P(X ≤ k) for X of n fair coins, at most 1; in logarithms, since 2^−n leaves the doubles at n = 1,075. */
function binomialTwoSided(k: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log(n - i + 1) - Math.log(i);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
}
