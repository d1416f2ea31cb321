/** Work on a stream's items, several at once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sideBySide } from '../../main/cli/evaluate/side-by-side.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number;
}

test('all items are worked on once, no more at once than asked for', async () => {
  const done: number[] = [];
  let [inside, most] = [0, 0];
  await sideBySide(numbers(10), 3, async (item) => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    done.push(item);
    return true;
  });
  assert.deepEqual(
    done.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.equal(most, 3);
});

test('a failure is thrown when what was begun has ended, and a no takes nothing more', async () => {
  const begun: number[] = [];
  let ended = 0;
  const failing = sideBySide(numbers(100), 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('broken');
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended += 1;
    return true;
  });
  await assert.rejects(failing, /broken/);
  assert.equal(ended, begun.length - 1);
  assert.ok(begun.length < 5, String(begun));
  const taken: number[] = [];
  await sideBySide(numbers(100), 1, async (item) => taken.push(item) < 3);
  assert.deepEqual(taken, [0, 1, 2]);
});
