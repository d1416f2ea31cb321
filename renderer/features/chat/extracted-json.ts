/** Reads an answer that was held to a schema, and says how it is best shown. Pure. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Null while it is not whole, or where it was cut off. Models like to fence their JSON. */
export function readJson(text: string): Json | null {
  const bare = text.trim().replace(/^```(?:json)?\s*([\s\S]*?)\s*```$/, '$1');
  if (!/^[[{]/.test(bare)) return null;
  try {
    return JSON.parse(bare) as Json;
  } catch {
    return null;
  }
}

/** The columns of a list of things that have plain values; null for anything else. */
export function columnsOf(value: Json): string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const isPlain = (item: Json) => item === null || typeof item !== 'object';
  const isRow = (item: Json) =>
    typeof item === 'object' && item !== null && !Array.isArray(item) && Object.values(item).every(isPlain);
  if (!value.every(isRow)) return null;
  return [...new Set(value.flatMap((item) => Object.keys(item as object)))];
}

/** `unitPrice` and `unit_price` → "Unit price". */
export function nameInWords(key: string): string {
  const words = key
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
