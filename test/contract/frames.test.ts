/** Frames: what may cross a process border, and how large it may be. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import {
  checkFrame,
  estimateBytes,
  type Frame,
  maxFrameBytes,
  readFrame,
} from '../../native-models/process/frames.ts';
import { createFrameJoiner, framesFor } from '../../native-models/process/long-frames.ts';

const valueFrame = (payload: unknown): Frame => ({ to: 'main', from: 'echo', id: 1, kind: 'value', payload });

const plainValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, undefined, true, false),
    fc.double(),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

describe('a frame', () => {
  it('is never larger on the wire than estimated', () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        assert.ok(serialize(value).byteLength - 2 <= estimateBytes(value)); // less V8's two bytes of version
      }),
      { seed: 20261123, numRuns: 1000 },
    );
  });

  it('is not estimated at more than a few times its size, so that useful pieces pass', () => {
    assert.ok(estimateBytes({ offset: 1, bytes: new Uint8Array(48 * 1024), last: false }) < 50 * 1024);
    assert.ok(estimateBytes(Array.from({ length: 4096 }, () => 151_673)) < 37 * 1024);
    assert.ok(estimateBytes('x'.repeat(24 * 1024)) < 49 * 1024);
  });

  it('passes up to 64 KiB and is refused one byte above', () => {
    const empty = estimateBytes(valueFrame(new Uint8Array(0)));
    assert.doesNotThrow(() => checkFrame(valueFrame(new Uint8Array(maxFrameBytes - empty))));
    assert.throws(() => checkFrame(valueFrame(new Uint8Array(maxFrameBytes - empty + 1))), {
      code: 'internal',
    });
  });

  it('is refused with anything in it that is not plain', () => {
    class Secret {
      key = 'value';
    }
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const notPlain = [
      () => {},
      Symbol('s'),
      10n,
      new Secret(),
      new Map(),
      new Date(0),
      new Error('e'),
      new Float32Array(2),
      Buffer.from('bytes'),
      new Uint8Array(8).buffer,
      Promise.resolve(),
      cycle,
    ];
    for (const value of notPlain)
      assert.throws(() => checkFrame(valueFrame({ value })), { code: 'internal' });
  });

  it('is read back only where it is one, with its bytes as Uint8Array', () => {
    const frame = readFrame(valueFrame({ deep: [{ bytes: Buffer.from([1, 2]) }] }));
    assert.deepEqual(frame?.payload, { deep: [{ bytes: new Uint8Array([1, 2]) }] });
    const nonsense = [
      null,
      'frame',
      42,
      [],
      {},
      { to: 'main', from: 'echo', id: 1.5, kind: 'value', payload: null },
      { to: 'main', from: 'echo', id: 1, kind: 'speak', payload: null },
      { to: 'main', from: 1, id: 1, kind: 'end', payload: null },
      { to: 'main', from: 'echo', id: 1, kind: 'open', payload: { input: {} } },
      { to: 'main', from: 'echo', id: 1, kind: 'error', payload: null },
    ];
    for (const received of nonsense) assert.equal(readFrame(received), null);
  });

  it('does not let a deeply nested payload end the reader', () => {
    let payload: unknown = 'bottom';
    for (let depth = 0; depth < 100_000; depth += 1) payload = [payload];
    assert.ok(readFrame(valueFrame(payload)));
  });
});

describe('a long payload', () => {
  const text = 'Grüße 合同 🙂 '.repeat(10_000);
  const open = (input: unknown): Frame => ({
    to: 'service',
    from: 'page-1',
    id: 7,
    kind: 'open',
    payload: { name: 'ask', input },
  });

  it('goes in parts that each fit a frame, and comes back whole among those of others', () => {
    const joiner = createFrameJoiner();
    const ours = framesFor(open({ text, list: [1, null, 'x'] }));
    const others = ours.map((frame): Frame => ({ ...frame, from: 'page-2' }));
    assert.ok(ours.length > 5);
    for (const frame of [...ours, ...others]) assert.doesNotThrow(() => checkFrame(frame));
    const mixed = ours.flatMap((frame, index) => [frame, others[index]!]);
    const whole = mixed.map((frame) => joiner.join(readFrame(frame)!)).filter((frame) => frame !== null);
    assert.deepEqual(whole, [
      open({ text, list: [1, null, 'x'] }),
      { ...open({ text, list: [1, null, 'x'] }), from: 'page-2' },
    ]);
    const value: Frame = { to: 'page-1', from: 'service', id: 8, kind: 'value', payload: [text, text] };
    assert.deepEqual(
      framesFor(value)
        .map((frame) => joiner.join(frame))
        .at(-1),
      value,
    );
  });

  it('stays one frame while it is short, or where it holds bytes', () => {
    assert.equal(framesFor(open({ text: 'short' })).length, 1);
    const piece = valueFrame({ offset: 1, bytes: new Uint8Array(48 * 1024), last: false });
    assert.deepEqual(framesFor(piece), [piece]);
  });

  it('is refused when a part is missing, damaged or forgotten, and the next one is read again', () => {
    const joiner = createFrameJoiner();
    const frames = framesFor(open({ text }));
    const refused = { code: 'invalid_request' };
    for (const frame of frames.toSpliced(2, 1).slice(0, -1)) joiner.join(frame);
    assert.throws(() => joiner.join(frames.at(-1)!), refused);
    for (const frame of frames.toSpliced(1, 1, { ...frames[0]! }).slice(0, -1)) joiner.join(frame);
    assert.throws(() => joiner.join(frames.at(-1)!), refused);
    for (const frame of frames.slice(0, -1)) joiner.join(frame);
    joiner.forget(frames[0]!);
    assert.throws(() => joiner.join(frames.at(-1)!), refused);
    assert.deepEqual(frames.map((frame) => joiner.join(frame)).at(-1), open({ text }));
  });

  it('says how many parts it has only where it may have some', () => {
    assert.equal(readFrame({ ...valueFrame(null), parts: 0 }), null);
    assert.equal(readFrame({ ...valueFrame(null), parts: 1.5 }), null);
    assert.equal(readFrame({ ...valueFrame(null), kind: 'end', parts: 2 }), null);
    assert.equal(readFrame({ ...valueFrame({ not: 'text' }), kind: 'part' }), null);
  });
});
