/** Which frames of a film are chosen, by the card's arithmetic and by scene, and the words around them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { filmQuestion } from '../../native-models/media/film/film-question.ts';
import { type FrameSampling, sampleFrameIndices } from '../../native-models/media/film/frame-sampling.ts';
import { chooseSceneFrames } from '../../native-models/media/film/scene-change.ts';

interface GoldenFilm extends Omit<FrameSampling, 'bound'> {
  bound: [number, number] | null;
  indices: number[];
}

// Made by native-models/reference/frame_goldens.py with numpy; integers, so there is no tolerance.
const golden = JSON.parse(
  readFileSync(new URL('../golden/media/frame-indices.json', import.meta.url), 'utf8'),
) as GoldenFilm[];

test('303 films give the indices of the model card', () => {
  assert.equal(golden.length, 303);
  for (const { indices, bound, ...film } of golden) {
    assert.deepEqual(
      sampleFrameIndices({ ...film, bound: bound ?? undefined }),
      indices,
      JSON.stringify({ bound, ...film }),
    );
  }
});

test('the golden films tell rounding halves up from rounding them to even (negative control)', () => {
  const halvesUp = ({ frameCount, frameRate, segments, bound, firstIndex = 0 }: GoldenFilm) => {
    const first = Math.max(firstIndex, Math.round((bound?.[0] ?? -100_000) * frameRate));
    const last = Math.min(Math.round((bound?.[1] ?? 100_000) * frameRate), frameCount - 1);
    const size = (last - first) / segments;
    return Array.from({ length: segments }, (_, i) => Math.trunc(first + size / 2 + Math.round(size * i)));
  };
  assert.ok(golden.filter((film) => String(halvesUp(film)) !== String(film.indices)).length > 5);
});

test('without a bound every index lies in the film and none falls', () => {
  const film = fc.record({
    frameCount: fc.integer({ min: 1, max: 1_000_000 }),
    frameRate: fc.double({ min: 1, max: 240, noNaN: true }),
    segments: fc.integer({ min: 1, max: 64 }),
  });
  fc.assert(
    fc.property(film, (sampling) => {
      const indices = sampleFrameIndices(sampling);
      assert.equal(indices.length, sampling.segments);
      for (const [position, index] of indices.entries()) {
        assert.ok(index >= (indices[position - 1] ?? 0) && index < sampling.frameCount);
      }
    }),
    { seed: 4 },
  );
});

const flat = (level: number) => new Uint8Array(576).fill(level);

test('a short scene between long ones is seen', () => {
  const lumas = [...Array(20).fill(flat(40)), flat(200), ...Array(20).fill(flat(90))] as Uint8Array[];
  assert.deepEqual(chooseSceneFrames(lumas, 3), [10, 20, 31]);
  const one = Array(41).fill(flat(40)) as Uint8Array[];
  assert.deepEqual(chooseSceneFrames(one, 3), [6, 20, 34], 'one scene is spread evenly');
});

test('scene frames rise, are never repeated and never more than asked for', () => {
  const levels = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 });
  fc.assert(
    fc.property(levels, fc.integer({ min: 1, max: 16 }), (drawn, count) => {
      const positions = chooseSceneFrames(drawn.map(flat), count);
      assert.equal(positions.length, Math.min(count, drawn.length));
      for (const [at, position] of positions.entries()) {
        assert.ok(position > (positions[at - 1] ?? -1) && position < drawn.length);
      }
    }),
    { seed: 4 },
  );
});

test('the question follows its numbered frames, as on the model card', () => {
  const film = (frameCount: number) => ({ kind: 'film' as const, frameCount });
  assert.equal(filmQuestion('What happens?', [film(2)]), 'Frame1: <image>\nFrame2: <image>\nWhat happens?');
  const picture = { kind: 'picture' as const };
  assert.equal(
    filmQuestion('Same?', [picture, film(1), picture, film(2)]),
    'Image-1: <image>\nFrame1: <image>\nImage-2: <image>\nFrame1: <image>\nFrame2: <image>\nSame?',
  );
  assert.equal(
    filmQuestion('<image> What happens?', [film(2)]),
    '<image> What happens?',
    'places them itself',
  );
});
