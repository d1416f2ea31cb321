/** Formulae of answers: which of them are set large, and that the style sheet knows what they are made of. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import katex from 'katex';
import { displayFormulae } from '../../renderer/ui/markdown/display-formulae.ts';

interface Node {
  type: string;
  value?: string;
  children?: Node[];
  data?: { hProperties?: { className?: string[] } };
  position?: { start: { offset: number } };
}

const classOf = (source: string, ...others: Node[]) => {
  const formula: Node = { type: 'inlineMath', value: 'x', position: { start: { offset: 0 } } };
  const tree: Node = { type: 'root', children: [{ type: 'paragraph', children: [formula, ...others] }] };
  displayFormulae()(tree, { value: source });
  return formula.data?.hProperties?.className?.at(-1) ?? null;
};

test('a formula between double dollars is set large where it stands alone', () => {
  assert.equal(classOf('$$x$$'), 'math-display');
  assert.equal(classOf('$$x$$ ', { type: 'text', value: ' ' }), 'math-display');
  assert.equal(classOf('$x$'), null);
  assert.equal(classOf('$$x$$ is it', { type: 'text', value: ' is it' }), null);
});

test('the style sheet has the classes that formulae are made of', () => {
  const sheet = readFileSync(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'), 'utf8');
  const html = katex.renderToString('x^2 + \\frac{1}{\\sqrt{y}}', { output: 'html' });
  const classes = new Set([...html.matchAll(/class="([^"]+)"/g)].flatMap(([, names]) => names!.split(' ')));
  const sizing = [...classes].filter((name) => /sizing|^reset-size|^size\d/.test(name));
  assert.ok(sizing.length >= 3, 'a power is smaller than its base');
  for (const name of sizing) assert.ok(sheet.includes(`.${name}`), name);
  const config = readFileSync(new URL('../../vite.config.ts', import.meta.url), 'utf8');
  assert.match(config, /dedupe: \['katex'\]/, 'and the page is built with this KaTeX alone');
});
