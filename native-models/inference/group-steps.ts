/** Which sequences decode in one run: those over the same beginning whose lengths are alike enough to lie side by side. */
import { capacityFor } from './kv-tail.ts';
import type { WantedStep } from './run-turns.ts';

/** Beyond this a run's products are no faster a row, and one run would keep the next abort waiting. */
const mostTogether = 16;

/**
 * Idle rows of a run, over all its sequences: attention reads them in vain, 1.4 ms for each 1,000 at the 0.5B shape,
 * where a run of its own costs 20 ms and more (docs/decisions.md).
 */
const mostIdleRows = 4096;

/** Longest first: each group takes in shorter ones until too much of its room would lie idle. */
export function groupSteps<T>(waiting: readonly T[], stepOf: (each: T) => WantedStep): T[][] {
  const groups: { members: T[]; capacity: number; idleRows: number }[] = [];
  const lengthOf = (each: T) => privateRows(stepOf(each)) + 1;
  for (const each of waiting.toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
    const fitting = groups.find(({ members, capacity, idleRows }) => {
      const first = stepOf(members[0]!);
      const isAlike =
        first.decoder === stepOf(each).decoder && first.cache.prefix === stepOf(each).cache.prefix;
      return isAlike && members.length < mostTogether && idleRows + capacity - lengthOf(each) <= mostIdleRows;
    });
    if (fitting) {
      fitting.members.push(each);
      fitting.idleRows += fitting.capacity - lengthOf(each);
    } else groups.push({ members: [each], capacity: capacityFor(lengthOf(each)), idleRows: 0 });
  }
  return groups.map(({ members }) => members);
}

/** Rows beyond the beginning that it shares with its group. */
function privateRows({ cache }: WantedStep): number {
  return cache.length - (cache.prefix?.length ?? 0);
}
