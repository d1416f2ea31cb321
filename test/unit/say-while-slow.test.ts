/** Slow work is not silent, and quick work is not talked over. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sayWhileSlow } from '../../native-models/process/say-while-slow.ts';

async function* work(waitsMs: number[], log: string[] = []) {
  try {
    for (const [index, ms] of waitsMs.entries()) {
      if (ms > 0) await sleep(ms);
      yield index;
    }
  } finally {
    log.push('ended');
  }
}

test('words come while the next event is awaited, and none between quick events', async () => {
  const heard = await Array.fromAsync(sayWhileSlow(work([0, 0, 130, 0]), () => 'wait', 50));
  assert.deepEqual(
    heard.filter((event) => event !== 'wait'),
    [0, 1, 2, 3],
  );
  assert.deepEqual(heard.slice(0, 3), [0, 1, 'wait']);
  assert.equal(heard.at(-1), 3);
});

test('an error comes through, and who stops listening ends the work', async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error('broken');
  }
  await assert.rejects(Array.fromAsync(sayWhileSlow(broken(), () => 0, 1000)), /broken/);
  const log: string[] = [];
  for await (const event of sayWhileSlow(work([0, 0, 0], log), () => 'wait')) if (event === 1) break;
  assert.deepEqual(log, ['ended']);
});
