/** The card's best of N in code: a pipeline writes n answers, a critic orders them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadImage, openCritic, pipeline } from '../../native-models/index.ts';
import { goldenFolder } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Scored {
  checkpoint: string;
  kind: string;
  solution: string;
  scores: number[];
}

const scored = (
  JSON.parse(readFileSync(join(goldenFolder, 'critic/scores.json'), 'utf8')) as Scored[]
).filter(({ checkpoint, kind }) => checkpoint === 'checkpoints/g7-d64-t112-bf16' && kind === 'text');
const mean = (scores: number[]) => scores.reduce((sum, score) => sum + score, 0) / scores.length;

test('answers come back best first, each with the reference’s scores and their mean', async () => {
  const cacheFolder = await temporaryFolder({ after });
  const critic = await openCritic(join(goldenFolder, scored[0]!.checkpoint), {
    precision: 'fp32',
    cacheFolder,
  });
  const answers = scored.map(({ solution }) => solution);
  const ordered = await critic.selectBest('How many shapes are there?', answers);
  const expected = scored.map(({ scores }, index) => ({ index, score: mean(scores) }));
  expected.sort((a, b) => b.score - a.score);
  assert.deepEqual(
    ordered.map(({ index }) => index),
    expected.map(({ index }) => index),
  );
  for (const { index, score, text, stepScores } of ordered) {
    assert.ok(Math.abs(score - mean(scored[index]!.scores)) < 2e-4);
    assert.equal(stepScores.length, scored[index]!.scores.length);
    assert.equal(text, answers[index]);
  }
  await assert.rejects(critic.selectBest('How many?', []), { code: 'invalid_request' });
  await critic.close();
});

test('the answers of a pipeline are scored with the picture they are about', async () => {
  const cacheFolder = await temporaryFolder({ after });
  const root = join(import.meta.dirname, '../..');
  const image = await loadImage(join(root, 'assets/samples/receipt.png'));
  const pipe = await pipeline(join(root, 'assets/embedded-model'), { cacheFolder });
  const prompt = ['What is the total?', image] as const;
  const generation = { n: 2, do_sample: true, temperature: 0.7, top_p: 0.95, max_new_tokens: 8 };
  const { choices } = await pipe(prompt, { generation });
  await pipe.close();
  const critic = await openCritic(join(goldenFolder, 'checkpoints/g7-d64-t112-bf16'), { cacheFolder });
  const texts = choices.map(({ text }) => text);
  const seen = await critic.selectBest(prompt, texts);
  const unseen = await critic.selectBest(prompt[0], texts);
  assert.equal(seen.length, 2);
  assert.notEqual(seen[0]!.score, unseen[0]!.score, 'the picture counts');
  await critic.close();
});
