/** docs/evaluation.md says what the product does: benchmarks with their names and settings, and every metric. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { benchmarks } from '../../native-models/evaluation/datasets/benchmarks.ts';
import { metricNames } from '../../native-models/evaluation/datasets/question.ts';

const root = join(import.meta.dirname, '..', '..');
const rows = readFileSync(join(root, 'docs', 'evaluation.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));

test('the table of benchmarks is the product’s list', () => {
  const told = rows.filter((row) => row.length === 6 && row[0] !== 'benchmark');
  const names = (patterns: readonly string[]) =>
    patterns.map((name) => name.replace(/[_*]+$/, '')).filter((name, at, all) => all.indexOf(name) === at);
  assert.deepEqual(
    told.map(([title, files, , metric, tiles, frames]) => [title, files, metric, tiles, frames]),
    benchmarks.map((one) => [
      one.title,
      names(one.names).join(', '),
      one.metric,
      `${one.maxTiles}`,
      one.frames === 0 ? '–' : `${one.frames}`,
    ]),
  );
});

test('every metric is explained, and no other', () => {
  const told = rows.filter((row) => row.length === 2 && row[0] !== 'metric').map(([name]) => name!);
  assert.deepEqual(told.sort(), [...metricNames].sort());
});

test('the number of hand-made cases is the number there are', () => {
  const golden = (name: string) =>
    JSON.parse(readFileSync(join(root, 'test', 'golden', 'evaluation', name), 'utf8')) as {
      cases: unknown[];
    };
  const count = golden('metrics.json').cases.length + golden('scores.json').cases.length;
  assert.match(
    readFileSync(join(root, 'docs', 'evaluation.md'), 'utf8'),
    new RegExp(` ${count} hand-made cases`),
  );
});
