/** Deleting with time to take it back. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { deleteLater } from '../../renderer/features/conversations/delete-later.ts';

function bench(start: { noted?: string[]; fails?: Set<string> } = {}) {
  const deleted: string[] = [];
  let noted = start.noted ?? [];
  let changes = 0;
  const deletions = deleteLater({
    carryOut: async (id) => {
      if (start.fails?.has(id)) throw new Error('no');
      deleted.push(id);
    },
    notes: {
      read: () => noted,
      write: (ids) => {
        noted = ids;
      },
    },
    delayMs: 8000,
    onChange: () => {
      changes++;
    },
  });
  return { deletions, deleted, noted: () => noted, changes: () => changes };
}

test('nothing is deleted before its time, and everything is at its time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { deletions, deleted, noted } = bench();
  deletions.add('a');
  assert.equal(deletions.isWaiting('a'), true);
  t.mock.timers.tick(7999);
  assert.deepEqual(deleted, []);
  t.mock.timers.tick(1);
  await turn();
  assert.deepEqual(deleted, ['a']);
  assert.deepEqual(noted(), []);
  assert.equal(deletions.isWaiting('a'), false);
});

test('what is taken back in time stays, and taking back too late says so', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { deletions, deleted, noted } = bench();
  deletions.add('a');
  deletions.add('b');
  assert.equal(deletions.undo('a'), true);
  assert.deepEqual(noted(), ['b']);
  t.mock.timers.tick(8000);
  await turn();
  assert.deepEqual(deleted, ['b']);
  assert.equal(deletions.undo('b'), false);
});

test('what waited when the page went is deleted at the next start', async () => {
  const { deleted, noted } = bench({ noted: ['a', 'b'] });
  await turn();
  assert.deepEqual(deleted, ['a', 'b']);
  assert.deepEqual(noted(), []);
});

test('a page that goes carries out what waits at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { deletions, deleted } = bench();
  deletions.add('a');
  deletions.flush();
  await turn();
  assert.deepEqual(deleted, ['a']);
});

test('a deletion that fails shows again and stays noted for the next start', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { deletions, noted, changes } = bench({ fails: new Set(['a']) });
  deletions.add('a');
  t.mock.timers.tick(8000);
  const before = changes();
  await turn();
  assert.equal(deletions.isWaiting('a'), false);
  assert.deepEqual(noted(), ['a']);
  assert.ok(changes() > before, 'the list draws it again');
});
