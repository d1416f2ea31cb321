/** Which row the keyboard goes to in a list where only conversations, not headings, can be chosen. */
import type { ListRow } from './arrange-rows.ts';

const pageRows = 10;

/** Index of the next row, or null where the key means nothing here. */
export function nextRow(rows: readonly ListRow[], current: number, key: string): number | null {
  const places = rows.flatMap((row, index) => (row.kind === 'conversation' ? [index] : []));
  if (places.length === 0) return null;
  const at = places.indexOf(current);
  const step = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: pageRows,
    PageUp: -pageRows,
  }[key];
  if (step !== undefined) {
    const next = at < 0 ? 0 : Math.max(0, Math.min(places.length - 1, at + step));
    return places[next]!;
  }
  if (key === 'Home') return places[0]!;
  if (key === 'End') return places.at(-1)!;
  return null;
}
