/** Formulae in `$$ … $$` that stand alone in their paragraph are set large, although they are written on one line. Pure. */

interface Node {
  type: string;
  value?: string;
  children?: Node[];
  data?: { hProperties?: { className?: string[] } };
  position?: { start: { offset?: number } };
}

/** A plugin for remark, behind remark-math: models write most of their display formulae this way. */
export function displayFormulae(): (tree: Node, file: { value: unknown }) => void {
  return (tree, file) => markWithin(tree, String(file.value));
}

function markWithin(node: Node, source: string): void {
  for (const child of node.children ?? []) markWithin(child, source);
  if (node.type !== 'paragraph') return;
  const [only, ...others] = (node.children ?? []).filter(({ value }) => value?.trim() !== '');
  const offset = only?.position?.start.offset;
  if (only?.type !== 'inlineMath' || others.length > 0 || offset === undefined) return;
  if (!source.startsWith('$$', offset)) return;
  only.data = { ...only.data, hProperties: { className: ['language-math', 'math-display'] } };
}
