/** What `evaluate` takes on the command line, and how it tells how far it is. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseEvaluate } from '../../main/cli/evaluate/parse-evaluate.ts';
import { createProgress, describeDuration } from '../../main/cli/evaluate/progress.ts';
import { parseArguments } from '../../main/cli/parse-arguments.ts';

test('a data set alone is asked of the embedded model, whole', () => {
  assert.deepEqual(parseArguments(['evaluate', 'DocVQA_VAL.tsv']), {
    ...{ kind: 'evaluate', dataset: 'DocVQA_VAL.tsv', model: null, precision: null, against: null },
    ...{ devices: 'auto', limit: null, maxTiles: null, out: null, json: false },
  });
});

test('--against takes a precision or a model', () => {
  assert.deepEqual(parseEvaluate(['a.tsv', '--against', 'int8'])?.against, { precision: 'int8' });
  assert.deepEqual(parseEvaluate(['a.tsv', '--against', './InternVL3-2B'])?.against, {
    model: './InternVL3-2B',
  });
});

test('--device takes several, in their order', () => {
  assert.deepEqual(parseEvaluate(['a.tsv', '--device', 'cuda:0,cuda:1'])?.devices, ['cuda', 'cuda:1']);
});

test('what is wrong is named', () => {
  for (const [args, sentence] of [
    [[], /takes one data set/],
    [['a', 'b'], /takes one data set/],
    [['a', '--limit', '0'], /--limit is a whole number/],
    [['a', '--limit', '1e9'], /--limit/],
    [['a', '--max-tiles', '41'], /--max-tiles/],
    [['a', '--precision', 'int2'], /--precision is one of fp32/],
    [['a', '--device', 'cuda:0,cuda-1'], /no such device/],
    [['a', '--nonsense'], /not understood/],
  ] as const) {
    assert.throws(() => parseEvaluate([...args]), { code: 'invalid_request', message: sentence });
  }
  assert.equal(parseEvaluate(['--help']), null);
});

function watched(isWatched: boolean) {
  const said: string[] = [];
  let nowMs = 0;
  const terminal = {
    ...{ say() {}, think() {}, endLine() {}, clearStatus() {} },
    showStatus: (line: string) => isWatched && said.push(line),
    note: (line: string) => said.push(line),
  };
  const progress = createProgress(terminal, { total: 20, sides: 2, isWatched }, () => nowMs);
  const answer = (count: number) => {
    for (let at = 0; at < count; at++) {
      nowMs += 3000;
      progress.tick(at % 2);
    }
  };
  return { said, progress, answer };
}

test('the time left counts what both sides still have to do', () => {
  const { said, progress, answer } = watched(true);
  progress.start('int4', 4);
  answer(2);
  assert.deepEqual(said, [
    'int4: 4 of 20 questions were answered before.',
    'int4: 5 of 20 questions, 0 % right, 2 min left',
    'int4: 6 of 20 questions, 50 % right, 2 min left',
  ]);
  progress.start('int8', 0);
  answer(20);
  assert.equal(said.at(-1), 'int8: 20 of 20 questions, 50 % right, 0 s left');
});

test('where nobody watches, a line is left at each tenth', () => {
  const { said, progress, answer } = watched(false);
  progress.start('int4', 0);
  answer(20);
  assert.equal(said.length, 10);
});

test('durations are said in the unit a person would use', () => {
  assert.deepEqual([0, 900, 59_000, 200_000, 7_500_000].map(describeDuration), [
    '0 s',
    '1 s',
    '59 s',
    '3 min',
    '2 h 5 min',
  ]);
});
