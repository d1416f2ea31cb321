/** The relay: who may ask whom, under which name, and what becomes of requests whose party is gone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRelay, mayAsk, type RelayLine } from '../../main/supervisor/relay.ts';
import type { Frame } from '../../native-models/process/frames.ts';
import { AppError } from '../../preload/contract/errors.ts';

const parties = ['page-1', 'page-2', 'host', 'service', 'engine', 'media', 'convert'];

function relayUnderTest() {
  const relay = createRelay();
  const got: Record<string, Frame[]> = {};
  const lines: Record<string, RelayLine> = {};
  for (const name of parties) {
    got[name] = [];
    lines[name] = relay.attach(name, (frame) => void got[name]?.push(frame));
  }
  const open = (from: string, to: string, id = 1) =>
    lines[from]?.post({ to, from, id, kind: 'open', payload: { name: 'x', input: null } });
  const kinds = (name: string) => got[name]?.map(({ kind }) => kind);
  return { relay, got, lines, open, kinds };
}

describe('the relay', () => {
  it('lets pages and the host ask the service, the service ask the others, and nobody else anybody', () => {
    const allowed: string[] = [];
    for (const from of parties) {
      for (const to of parties) {
        const { open, got } = relayUnderTest();
        open(from, to);
        const reached = got[to]?.some(({ kind }) => kind === 'open') ?? false;
        assert.equal(reached, mayAsk(from, to), `${from} → ${to}`);
        if (reached) allowed.push(`${from} → ${to}`);
      }
    }
    assert.deepEqual(allowed, [
      'page-1 → service',
      'page-2 → service',
      'host → service',
      'service → host',
      'service → engine',
      'service → media',
      'service → convert',
    ]);
  });

  it('writes the sender’s own name into every frame, whatever the frame claims', () => {
    const { lines, got } = relayUnderTest();
    lines['page-2']?.post({
      to: 'service',
      from: 'host',
      id: 1,
      kind: 'open',
      payload: { name: 'x', input: 0 },
    });
    assert.equal(got.service?.[0]?.from, 'page-2');
  });

  it('passes answers to whoever asked, and drops answers that nobody asked for', () => {
    const { lines, open, kinds } = relayUnderTest();
    open('page-1', 'service', 7);
    for (const to of ['page-2', 'page-1', 'engine']) {
      lines.media?.post({ to, from: 'media', id: 7, kind: 'value', payload: 'forged' });
      lines.service?.post({ to, from: 'service', id: 7, kind: 'value', payload: 'right' });
    }
    assert.deepEqual(kinds('page-1'), ['value']);
    assert.deepEqual(kinds('page-2'), []);
    assert.deepEqual(kinds('engine'), []);
    lines.service?.post({ to: 'page-1', from: 'service', id: 7, kind: 'end', payload: null });
    lines.service?.post({ to: 'page-1', from: 'service', id: 7, kind: 'value', payload: 'late' });
    assert.deepEqual(kinds('page-1'), ['value', 'end']);
  });

  it('passes long payloads in parts, both ways', () => {
    const { lines, kinds } = relayUnderTest();
    const part = (to: string, from: string): Frame => ({ to, from, id: 3, kind: 'part', payload: 'x' });
    lines['page-1']?.post(part('service', 'page-1'));
    lines['page-1']?.post({
      to: 'service',
      from: '',
      id: 3,
      kind: 'open',
      payload: { name: 'x', input: null },
      parts: 1,
    });
    lines.service?.post(part('page-1', 'service'));
    lines.service?.post({ to: 'page-1', from: '', id: 3, kind: 'value', payload: null, parts: 1 });
    assert.deepEqual(kinds('service'), ['part', 'open']);
    assert.deepEqual(kinds('page-1'), ['part', 'value']);
    lines.engine?.post(part('service', 'engine'));
    assert.deepEqual(kinds('service'), ['part', 'open']);
  });

  it('ends requests to a party that died, once, and takes new ones when it is back', () => {
    const { relay, open, got, kinds } = relayUnderTest();
    open('service', 'engine', 1);
    open('service', 'engine', 2);
    relay.failRequestsTo('engine', new AppError('child_gone', 'It died.'));
    relay.failRequestsTo('engine', new AppError('child_gone', 'It died.'));
    assert.deepEqual(kinds('service'), ['error', 'error']);
    assert.deepEqual(
      got.service?.map(({ from, id }) => `${from} ${id}`),
      ['engine 1', 'engine 2'],
    );
    open('service', 'engine', 1);
    assert.equal(relay.countRequestsTo('engine'), 1);
  });

  it('cancels what a page that is gone had asked for, and lets it say nothing more', () => {
    const { lines, open, kinds } = relayUnderTest();
    open('page-1', 'service', 1);
    lines['page-1']?.close(new AppError('child_gone', 'The page was closed.'));
    open('page-1', 'service', 2);
    assert.deepEqual(kinds('service'), ['open', 'cancel']);
    lines.service?.post({ to: 'page-1', from: '', id: 1, kind: 'value', payload: 1 });
    assert.deepEqual(kinds('page-1'), []);
  });

  it('answers a request that can’t be delivered with the reason', () => {
    const relay = createRelay(() => () => {
      throw new AppError('child_gone', 'Nobody is there.');
    });
    const got: Frame[] = [];
    relay
      .attach('page-1', (frame) => void got.push(frame))
      .post({
        to: 'service',
        from: '',
        id: 4,
        kind: 'open',
        payload: { name: 'x', input: null },
      });
    assert.deepEqual(
      got.map(({ kind, id }) => `${kind} ${id}`),
      ['error 4'],
    );
  });

  it('never passes a shutdown, which is the supervisor’s own', () => {
    const { lines, kinds } = relayUnderTest();
    for (const from of parties)
      for (const to of parties) lines[from]?.post({ to, from, id: 0, kind: 'shutdown', payload: null });
    assert.deepEqual(
      parties.flatMap((name) => kinds(name)),
      [],
    );
  });
});
