/** Levenshtein distance between two texts, in code points. */

export function editDistance(left: string, right: string): number {
  const [short, long] = [[...left], [...right]].sort((a, b) => a.length - b.length) as [string[], string[]];
  let row = Array.from({ length: short.length + 1 }, (_, i) => i);
  for (const [i, character] of long.entries()) {
    const next = [i + 1];
    for (const [j, other] of short.entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (character === other ? 0 : 1)));
    }
    row = next;
  }
  return row[short.length]!;
}
