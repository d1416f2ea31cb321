/** Finds what the prompt calls pictures and frames in an answer's words, and makes links of our own of them. Pure. */

/** Before the name of a place: `#place-frame-7`. */
export const placeLink = '#place-';

interface Node {
  type: string;
  value?: string;
  url?: string;
  children?: Node[];
}

/** `Frame7`, `Frame-7`, `Frame 7`, `Image-2` … as words of their own. */
const mention = /(?<![\p{L}\p{N}_])(Frame|Image)[- ]?([1-9]\d{0,3})(?![\p{L}\p{N}_])/gu;

/** A plugin for remark: only words are looked at, never code, formulae or links. */
export function mentionPlaces(): (tree: Node) => void {
  return linkWithin;
}

function linkWithin(node: Node): void {
  if (node.type === 'link' || node.type === 'linkReference' || !node.children) return;
  node.children = node.children.flatMap((child) => {
    if (child.type === 'text') return linksOf(child.value ?? '');
    linkWithin(child);
    return [child];
  });
}

function linksOf(text: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const found of text.matchAll(mention)) {
    if (found.index > from) nodes.push({ type: 'text', value: text.slice(from, found.index) });
    const url = `${placeLink}${found[1]!.toLowerCase()}-${found[2]}`;
    nodes.push({ type: 'link', url, children: [{ type: 'text', value: found[0] }] });
    from = found.index + found[0].length;
  }
  if (from < text.length || nodes.length === 0) nodes.push({ type: 'text', value: text.slice(from) });
  return nodes;
}
