/** `evaluate` on the embedded model: real pictures, real answers, two precisions, and controls that must fail. */
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { parseEvaluate } from '../../main/cli/evaluate/parse-evaluate.ts';
import { evaluate } from '../../main/cli/evaluate.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const samples = join(root, 'assets', 'samples');
const heldOut = join(root, 'test', 'golden', 'held-out', 'held-out.jsonl');

test('the embedded model is evaluated at two precisions: samples right, controls wrong, drawings read', async (t) => {
  const folder = await temporaryFolder(t);
  const children = createChildren(childFiles);
  t.after(() => children.shutdownAll());
  const nowhere = { write() {} };
  const run = {
    terminal: createTerminal(nowhere, nowhere),
    children,
    signal: new AbortController().signal,
    modelCache: join(folder, 'cache'),
    embeddedModel: join(root, 'assets', 'embedded-model'),
  };
  const evaluateInto = async (out: string, ...args: string[]) => {
    const report = await evaluate(parseEvaluate([...args, '--out', join(folder, out)])!, run);
    assert.ok(report?.complete);
    return report;
  };

  const listed = JSON.parse(await readFile(join(samples, 'samples.json'), 'utf8')) as Record<
    'file' | 'question' | 'answer',
    string
  >[];
  const lines = listed.flatMap(({ file, question, answer }) => [
    { question, media: file, answers: answer, group: 'sample' },
    { question, media: file, answers: `not ${answer}`, group: 'control' },
  ]);
  await Promise.all(listed.map(({ file }) => copyFile(join(samples, file), join(folder, file))));
  const dataset = join(folder, 'mine.jsonl');
  await writeFile(dataset, lines.map((line) => JSON.stringify(line)).join('\n'));

  const report = await evaluateInto('out', dataset, '--precision', 'int8', '--against', 'int4');
  assert.deepEqual(
    report.sides.map(({ precision }) => precision),
    ['int8', 'int4'],
  );
  for (const { failed, groups } of report.sides) {
    assert.equal(failed, 0);
    assert.deepEqual(
      groups.map(({ group, score }) => [group, score]),
      [
        ['sample', 1],
        ['control', 0],
      ],
    );
  }
  assert.equal(report.comparison?.verdict, 'undecided');
  assert.equal(report.failureCount, listed.length, 'every control, and nothing else');
  const page = await readFile(join(folder, 'out', 'report.html'), 'utf8');
  assert.ok(page.match(/data:image\/webp/g)!.length >= listed.length, 'each with its picture');

  const drawings = await evaluateInto('drawings', heldOut, '--limit', '12');
  const [side] = drawings.sides;
  t.diagnostic(`${side!.score.mean * 12} of 12 drawings`);
  assert.equal(side!.failed, 0);
  assert.ok(side!.score.mean > 0.25, 'far above what guessing reads');
});
