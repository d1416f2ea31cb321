/** The table of the model card's lines: what it links to is there, and is a test that the suite runs. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const docs = join(import.meta.dirname, '../../docs');
const table = readFileSync(join(docs, 'model-card.md'), 'utf8');

/** Paths named by `[x]: path` and by `[words](path)`. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/^\[[a-z]+\]: (\S+)$/gm), ...text.matchAll(/\]\(([^)]+)\)/g)].map(
    ([, path]) => path!,
  );
}

test('every link of the table leads to a test that is there', () => {
  const links = linksOf(table);
  assert.ok(links.length >= 30, `${links.length} links`);
  for (const path of links) {
    assert.match(path, /^\.\.\/test\/(unit|types|contract|golden|model|heavy|e2e)\/[\w/-]+\.test\.ts$/, path);
    assert.ok(existsSync(join(docs, path)), path);
    assert.match(readFileSync(join(docs, path), 'utf8'), /\b(test|it)\(/, path);
  }
});

test('every short name that a cell uses is given a path (negative control: one that is not)', () => {
  const given = new Set([...table.matchAll(/^\[([a-z]+)\]: /gm)].map(([, name]) => name));
  const used = (text: string) => [...text.matchAll(/\]\[([a-z]+)\]/g)].map(([, name]) => name!);
  assert.ok(used(table).length >= 20);
  for (const name of used(table)) assert.ok(given.has(name), name);
  assert.deepEqual(
    used('| [x][nowhere] |').filter((name) => given.has(name)),
    [],
  );
});

test('each row has a cell for app, command line, code and HTTP, and README leads here', () => {
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  for (const row of rows) assert.equal(row.split('|').length, 7, row);
  const readme = readFileSync(join(docs, '../README.md'), 'utf8');
  assert.match(readme, /docs\/model-card\.md/);
});
