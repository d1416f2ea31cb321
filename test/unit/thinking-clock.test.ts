/** How long an answer thought is told by when its words came. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { startThinkingClock } from '../../main/service/answering/thinking-clock.ts';

function clockAt(times: readonly number[], saidBefore = '') {
  const left = [...times];
  return startThinkingClock(saidBefore, () => left.shift() ?? Number.NaN);
}

test('from the tag that opens the block to the one that ends it, whatever comes behind', () => {
  const clock = clockAt([1000, 4000]);
  for (const piece of ['<thi', 'nk>', 'a', ' b</thi', 'nk> c', ' d']) clock.hear(piece);
  assert.equal(clock.thinkingMs(), 3000);
});

test('a thought that was cut off counts until now, and an answer without one not at all', () => {
  const cut = clockAt([1000, 2500]);
  cut.hear('<think>a');
  assert.equal(cut.thinkingMs(), 1500);
  const plain = clockAt([]);
  plain.hear('Four. <think>');
  assert.equal(plain.thinkingMs(), null);
});

test('a thought that is gone on with counts from where it goes on', () => {
  const clock = clockAt([100, 600], '<think>so far');
  clock.hear(' and on</think>Four.');
  assert.equal(clock.thinkingMs(), 500);
  assert.equal(clockAt([], '<think>done</think>Four').thinkingMs(), null);
});
