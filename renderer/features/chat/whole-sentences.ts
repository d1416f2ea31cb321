/** What a screen reader is told of a growing answer: whole sentences, each once. */

/** End of the last whole sentence of a text, as an index behind it; 0 where there is none. */
export function endOfSentences(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?](?=\s)|[。！？]|\n/g)) end = match.index + match[0].length;
  return end;
}
