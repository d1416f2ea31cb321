/** What the palette offers, and which of it a typed text means. Pure. */

export interface PaletteEntry {
  id: string;
  group: 'actions' | 'conversations' | 'models';
  label: string;
  run(): void;
}

const mostShown = 40;

/** Entries that hold every typed word, those that begin with the text first; groups stay together in their order. */
export function filterEntries(entries: readonly PaletteEntry[], text: string): PaletteEntry[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  const kept = entries.filter(({ label }) => words.every((word) => fold(label).includes(word)));
  const begins = ({ label }: PaletteEntry) => (fold(label).startsWith(words[0] ?? '') ? 0 : 1);
  const order = ['actions', 'conversations', 'models'];
  return kept
    .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group) || begins(a) - begins(b))
    .slice(0, mostShown);
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
