/** One stream for many listeners. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { shareEvents } from '../../renderer/share-events.ts';

/** A source that tests feed: `say` an event, `cut` the stream. */
function source() {
  let opened = 0;
  let say = (_event: string) => {};
  let cut = () => {};
  async function* open(signal: AbortSignal) {
    opened++;
    const queue: string[] = [];
    let wake = () => {};
    let isCut = false;
    say = (event) => {
      queue.push(event);
      wake();
    };
    cut = () => {
      isCut = true;
      wake();
    };
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      while (queue.length > 0) yield queue.shift()!;
      if (isCut) throw new Error('cut');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return { open, opened: () => opened, say: (event: string) => say(event), cut: () => cut() };
}

test('all listeners hear the same one stream', async () => {
  const events = source();
  const shared = shareEvents(events.open, { afterBreak: [], retryMs: 1 });
  const heard: string[] = [];
  const stops = [
    shared.subscribe((event) => heard.push(`1 ${event}`)),
    shared.subscribe((event) => heard.push(`2 ${event}`)),
  ];
  await sleep(5);
  events.say('a');
  await sleep(5);
  assert.deepEqual(heard, ['1 a', '2 a']);
  assert.equal(events.opened(), 1);
  for (const stop of stops) stop();
  events.say('b');
  await sleep(5);
  assert.equal(heard.length, 2);
});

test('a broken stream is joined again, and listeners learn that something may have been missed', async () => {
  const events = source();
  const shared = shareEvents(events.open, { afterBreak: ['missed'], retryMs: 1 });
  const heard: string[] = [];
  const stop = shared.subscribe((event) => heard.push(event));
  await sleep(5);
  events.say('a');
  await sleep(5);
  events.cut();
  await sleep(20);
  assert.equal(events.opened(), 2);
  events.say('b');
  await sleep(5);
  assert.deepEqual(heard, ['a', 'missed', 'b']);
  stop();
});
