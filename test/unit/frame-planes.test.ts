/** Planes of brightness and colour become upright RGB, and small parts of the film decoders do what the standards say. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { drawFrame, type FrameLook, type FramePlanes } from '../../native-models/media/film/frame-planes.ts';
import {
  isFreshStart,
  isPictureUnit,
  isUnreferenced,
  readNalHeader,
  splitUnits,
  writeStartCodes,
} from '../../native-models/media/film/nal-units.ts';
import { setWasmMemory } from '../../native-models/media/film/wasm-memory.ts';

const plane = (bytes: number[], stride: number) => ({ bytes: Uint8Array.from(bytes), start: 0, stride });
const upright: FrameLook = { rotation: 0, isMirrored: false, matrix: 'bt709', fullRange: false };

/** One pixel of a colour. */
function onePixel([y, u, v]: [number, number, number], height = 1): FramePlanes {
  const column = (value: number) => plane(new Array(height).fill(value), 1);
  const planes = { y: column(y), u: column(u), v: column(v) };
  return { width: 1, height, ...planes, halfWidth: false, halfHeight: false };
}

const colourOf = (planes: FramePlanes, look: Partial<FrameLook>) => [
  ...drawFrame(planes, { ...upright, ...look }).pixels.subarray(0, 3),
];

test('black, white and red are where the standards put them', () => {
  assert.deepEqual(colourOf(onePixel([16, 128, 128]), {}), [0, 0, 0]);
  assert.deepEqual(colourOf(onePixel([235, 128, 128]), {}), [255, 255, 255]);
  assert.deepEqual(colourOf(onePixel([235, 128, 128]), { fullRange: true }), [235, 235, 235]);
  assert.deepEqual(colourOf(onePixel([63, 102, 240]), {}), [255, 1, 0], 'BT.709 red, 8 bits off by one');
  assert.deepEqual(colourOf(onePixel([81, 90, 240]), { matrix: 'bt601' }), [254, 0, 0], 'BT.601 red');
  const [red] = colourOf(onePixel([81, 90, 240]), { matrix: 'bt709' });
  assert.equal(red, 255);
  const [, green] = colourOf(onePixel([145, 54, 34]), { matrix: 'bt709' });
  assert.notEqual(green, colourOf(onePixel([145, 54, 34]), { matrix: 'bt601' })[1], 'negative control');
});

test('an untold matrix is BT.709 from 720 rows on', () => {
  const colour: [number, number, number] = [120, 90, 60];
  const told = (matrix: FrameLook['matrix'], height: number) =>
    colourOf(onePixel(colour, height), { matrix });
  assert.deepEqual(told(null, 720), told('bt709', 720));
  assert.deepEqual(told(null, 719), told('bt601', 719));
  assert.notDeepEqual(told('bt601', 1), told('bt709', 1));
});

test('every way to turn and mirror puts each pixel in its place', () => {
  // 3 × 2, brightness a b c / d e f, one colour sample for each 2 × 2 pixels.
  const planes: FramePlanes = {
    width: 3,
    height: 2,
    y: plane([20, 40, 60, 0, 80, 100, 120, 0], 4),
    u: plane([128, 128], 2),
    v: plane([128, 128], 2),
    halfWidth: true,
    halfHeight: true,
  };
  const shown = (look: Partial<FrameLook>) => {
    const { width, height, pixels } = drawFrame(planes, { ...upright, fullRange: true, ...look });
    const letters = Array.from({ length: width * height }, (_, at) => 'abcdef'[pixels[at * 3]! / 20 - 1]);
    return Array.from({ length: height }, (_, row) =>
      letters.slice(row * width, (row + 1) * width).join(''),
    ).join(' ');
  };
  assert.equal(shown({}), 'abc def');
  assert.equal(shown({ rotation: 90 }), 'da eb fc');
  assert.equal(shown({ rotation: 180 }), 'fed cba');
  assert.equal(shown({ rotation: 270 }), 'cf be ad');
  assert.equal(shown({ isMirrored: true }), 'cba fed');
  assert.equal(shown({ rotation: 90, isMirrored: true }), 'ad be cf');
});

test('units behind lengths become units behind start codes, also where a length lies', () => {
  const frame = Uint8Array.of(0, 0, 0, 2, 0x65, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0x41, 2);
  assert.deepEqual(
    [...splitUnits(frame, 4)].map((unit) => [...unit]),
    [
      [0x65, 1],
      [0x41, 2],
    ],
  );
  const written = writeStartCodes(frame, { lengthBytes: 4, inFront: Uint8Array.of(7) });
  assert.deepEqual([...written], [7, 0, 0, 0, 1, 0x65, 1, 0, 0, 0, 1, 0x41, 2]);
  assert.deepEqual(
    [...splitUnits(Uint8Array.of(1, 9, 1, 8), 1)].map((unit) => [...unit]),
    [[9], [8]],
  );
});

test('parameter sets are taken out of avcC and hvcC, and a cut header is refused', () => {
  const avcC = Uint8Array.of(1, 100, 0, 40, 0xff, 0xe1, 0, 2, 0x67, 5, 1, 0, 1, 0x68);
  const { parameterSets, lengthBytes } = readNalHeader('avc', avcC);
  assert.deepEqual([...parameterSets], [0, 0, 0, 1, 0x67, 5, 0, 0, 0, 1, 0x68]);
  assert.equal(lengthBytes, 4);
  const hvcC = Uint8Array.of(...new Array(21).fill(0), 1, 1, 32, 0, 2, 0, 1, 0x40, 0, 1, 0x42);
  assert.deepEqual([...readNalHeader('hevc', hvcC).parameterSets], [0, 0, 0, 1, 0x40, 0, 0, 0, 1, 0x42]);
  assert.equal(readNalHeader('hevc', hvcC).lengthBytes, 2);
  assert.throws(() => readNalHeader('avc', avcC.subarray(0, 9)), { code: 'media_broken' });
  assert.equal(readNalHeader('avc', null).parameterSets.length, 0);
});

test('a unit tells whether others are built on it and whether decoding may begin there', () => {
  assert.ok(isUnreferenced(Uint8Array.of(0x01)) && !isUnreferenced(Uint8Array.of(0x41)));
  assert.ok(isPictureUnit(Uint8Array.of(0x65)) && !isPictureUnit(Uint8Array.of(0x67)));
  assert.ok(isFreshStart('avc', [Uint8Array.of(0x06), Uint8Array.of(0x65)]));
  assert.ok(!isFreshStart('avc', [Uint8Array.of(0x41)]));
});

interface SmallWasm {
  Memory: new (limits: { initial: number; maximum: number }) => object;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { m: { buffer: ArrayBuffer; grow(pages: number): number } } };
}

test('a module gets the memory it is given, and no more', () => {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: SmallWasm }).WebAssembly;
  // A memory of one page, exported as "m".
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const module = Uint8Array.of(...header, 5, 3, 1, 0, 1, 7, 5, 1, 1, 0x6d, 2, 0);
  const memoryOf = (bytes: Uint8Array) => new Instance(new Module(bytes)).exports.m;
  assert.equal(memoryOf(module).buffer.byteLength, 65_536);
  const large = memoryOf(setWasmMemory(module, { startBytes: 200 * 65_536, mostBytes: 300 * 65_536 }));
  assert.equal(large.buffer.byteLength, 200 * 65_536);
  large.grow(100);
  assert.throws(() => large.grow(1), RangeError);
  const same = memoryOf(setWasmMemory(module, { startBytes: null, mostBytes: 65_536 }));
  assert.throws(() => same.grow(1), RangeError);
  assert.throws(() => setWasmMemory(Uint8Array.from(header), { startBytes: null, mostBytes: 0 }));
});
