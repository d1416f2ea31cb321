/** Lists as Python writes them: several answers, choices or pictures in one field of a published data set. */

/** The texts of `['a', "b's", 3]`; null where the text is no such list. Time grows with its length only. */
export function readPythonList(text: string): string[] | null {
  const inner = text.trim();
  if (!inner.startsWith('[') || !inner.endsWith(']')) return null;
  const items: string[] = [];
  let at = 1;
  while (at < inner.length - 1) {
    const character = inner[at]!;
    if (/[\s,]/.test(character)) at += 1;
    else if (character === "'" || character === '"') {
      const item = readQuoted(inner, at);
      if (!item) return null;
      items.push(item.text);
      at = item.end;
    } else {
      const bare = readBare(inner, at);
      items.push(bare.text);
      at = bare.end;
    }
  }
  return items;
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' };

function readQuoted(text: string, start: number): { text: string; end: number } | null {
  const quote = text[start]!;
  let out = '';
  let from = start + 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === quote) return { text: out + text.slice(from, at), end: at + 1 };
    if (text[at] !== '\\') continue;
    const next = text[at + 1] ?? '';
    out += text.slice(from, at) + (escapes[next] ?? next);
    at += 1;
    from = at + 1;
  }
  return null;
}

function readBare(text: string, start: number): { text: string; end: number } {
  const comma = text.indexOf(',', start);
  const end = comma < 0 ? text.length - 1 : comma;
  return { text: text.slice(start, end).trim(), end };
}
