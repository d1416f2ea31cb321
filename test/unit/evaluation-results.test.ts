/** Answers on the disk: kept line by line, gone on with after a kill, never mixed with another run's. */
import assert from 'node:assert/strict';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Result, RunHeader } from '../../native-models/evaluation/results/result-line.ts';
import { openResults } from '../../native-models/evaluation/results/results-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const header: RunHeader = {
  type: 'run',
  version: 1,
  dataset: { name: 'mine.jsonl', sha256: 'aa' },
  model: { name: 'demo', precision: 'int4', fingerprint: 'bb' },
  maxTiles: null,
};

const answer = (at: number): Result => ({
  ...{
    type: 'answer',
    at,
    id: `${at}`,
    group: '',
    metric: 'exactMatch',
    question: 'Grün?\n',
    answers: ['ja'],
  },
  ...{ said: 'ja\u2028"', score: 1, cluster: null, size: null, stopReason: 'eos', tokens: 1, elapsedMs: 1 },
  error: null,
});

async function filled(t: TestContext): Promise<string> {
  const path = join(await temporaryFolder(t), 'answers.jsonl');
  const file = await openResults(path, header);
  for (const at of [0, 1, 2]) await file.add(answer(at));
  await file.close();
  return path;
}

async function reopened(path: string, own = header): Promise<number[]> {
  const file = await openResults(path, own);
  const places = [...file.results.keys()];
  await file.close();
  return places;
}

test('what was added is there again, character for character', async (t) => {
  const path = await filled(t);
  const file = await openResults(path, header);
  assert.deepEqual([...file.results.values()], [0, 1, 2].map(answer));
  await file.close();
});

test('a line cut off anywhere is asked again, and the file is whole after that', async (t) => {
  const path = await filled(t);
  const whole = await readFile(path);
  const lastStart = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (const length of [lastStart + 1, lastStart + 40, whole.length - 1]) {
    await writeFile(path, whole);
    await truncate(path, length);
    assert.deepEqual(await reopened(path), [0, 1]);
    assert.equal((await readFile(path)).length, lastStart);
  }
  await writeFile(path, whole.subarray(0, 10));
  assert.deepEqual(await reopened(path), [], 'not even the first line was whole');
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), header);
});

test('a last line of zeros, as a power cut leaves it, is taken away', async (t) => {
  const path = await filled(t);
  await appendFile(path, `${'\0'.repeat(200)}\n`);
  assert.deepEqual(await reopened(path), [0, 1, 2]);
  assert.deepEqual(await reopened(path), [0, 1, 2]);
});

test('damage before the end is named, not passed over', async (t) => {
  const path = await filled(t);
  const lines = (await readFile(path, 'utf8')).split('\n');
  lines[2] = 'nonsense';
  await writeFile(path, lines.join('\n'));
  await assert.rejects(reopened(path), { code: 'invalid_request', message: /Line 3 .*damaged/ });
});

test('answers of another model, precision, data set or setting are not gone on with', async (t) => {
  const path = await filled(t);
  const others: RunHeader[] = [
    { ...header, maxTiles: 6 },
    { ...header, dataset: { ...header.dataset, sha256: 'cc' } },
    { ...header, model: { ...header.model, fingerprint: 'cc' } },
    { ...header, model: { ...header.model, precision: 'int8' } },
  ];
  for (const other of others) await assert.rejects(reopened(path, other), { code: 'invalid_request' });
  assert.deepEqual(await reopened(path), [0, 1, 2], 'its own run does (negative control)');
});

test('a folder that can’t be written is said so', async (t) => {
  const path = join(await temporaryFolder(t), 'gone', 'answers.jsonl');
  await assert.rejects(openResults(path, header), { code: 'profile_readonly' });
});
