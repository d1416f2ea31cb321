/** Pure parts of settings, models and exports. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Model, ModelState } from '../../preload/contract/models.ts';
import { collectExport, type ExportEvent } from '../../renderer/features/conversations/collect-export.ts';
import {
  loadShare,
  markOf,
  orderModels,
  precisionText,
} from '../../renderer/features/models/describe-model.ts';
import { acceleratorKeys, acceleratorOf } from '../../renderer/features/settings/accelerator.ts';
import { carriedLibraries, licences } from '../../renderer/features/settings/licences.ts';
import {
  addPreset,
  presetFault,
  removePreset,
  replacePreset,
} from '../../renderer/features/settings/preset-edit.ts';
import { formatBytes } from '../../renderer/ui/format-bytes.ts';

const root = join(import.meta.dirname, '..', '..');
const noKeys = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test('pressed keys become a combination only when it is whole and takes no plain letter away', () => {
  assert.equal(
    acceleratorOf({ ...noKeys, ctrlKey: true, shiftKey: true, code: 'KeyX' }),
    'CommandOrControl+Shift+X',
  );
  assert.equal(acceleratorOf({ ...noKeys, metaKey: true, code: 'Digit4' }), 'CommandOrControl+4');
  assert.equal(acceleratorOf({ ...noKeys, code: 'F9' }), 'F9');
  assert.equal(acceleratorOf({ ...noKeys, altKey: true, code: 'ArrowUp' }), 'Alt+Up');
  assert.equal(acceleratorOf({ ...noKeys, code: 'KeyX' }), null);
  assert.equal(acceleratorOf({ ...noKeys, shiftKey: true, code: 'KeyX' }), null);
  assert.equal(acceleratorOf({ ...noKeys, ctrlKey: true, code: 'ControlLeft' }), null);
  assert.deepEqual(acceleratorKeys('CommandOrControl+Shift+X', true), ['⌘', '⇧', 'X']);
  assert.deepEqual(acceleratorKeys('CommandOrControl+Alt+X', false), ['Ctrl', 'Alt', 'X']);
});

test('presets keep their names apart', () => {
  const one = addPreset([], 'New');
  const two = addPreset(one, 'New');
  assert.deepEqual(
    two.map(({ name }) => name),
    ['New', 'New 2'],
  );
  assert.equal(presetFault(two, 1, { ...two[1]!, name: ' New ' }), 'taken');
  assert.equal(presetFault(two, 1, { ...two[1]!, name: '  ' }), 'empty');
  assert.equal(presetFault(two, 1, two[1]!), null);
  assert.deepEqual(
    replacePreset(two, 0, { ...two[0]!, name: 'First' }).map(({ name }) => name),
    ['First', 'New 2'],
  );
  assert.deepEqual(
    removePreset(two, 0).map(({ name }) => name),
    ['New 2'],
  );
});

test('models stand real ones first and the demo last, and say which is loaded', () => {
  const model = (id: string, change: Partial<Model>): Model => ({
    id: id as Model['id'],
    name: id,
    isDemo: false,
    precision: { vision: 'int8', decoder: 'int4' },
    sizeBytes: 1,
    contextLength: 1,
    maxTiles: 1,
    notes: [],
    ...change,
  });
  const demo = model('demo', { isDemo: true, precision: { vision: 'fp32', decoder: 'fp32' } });
  const small = model('small', { sizeBytes: 5 });
  const large = model('large', { sizeBytes: 9 });
  assert.deepEqual(
    orderModels([demo, small, large]).map(({ name }) => name),
    ['large', 'small', 'demo'],
  );
  const state: ModelState = { state: 'loading', modelId: small.id, done: 3, total: 4 };
  assert.deepEqual(
    [demo, small].map((known) => markOf(known, state)),
    ['none', 'loading'],
  );
  assert.equal(loadShare(state), 0.75);
  assert.equal(loadShare({ ...state, total: 0 }), null);
  assert.deepEqual([small, demo].map(precisionText), ['int8 / int4', 'fp32']);
});

test('sizes read as people say them', () => {
  assert.equal(formatBytes(0, 'en'), '0 bytes');
  assert.equal(formatBytes(1, 'en'), '1 byte');
  assert.equal(formatBytes(1536, 'en'), '1.5 kB');
  assert.equal(formatBytes(999_600, 'en'), '1 MB');
  assert.equal(formatBytes(1_880_000_000, 'de'), '1,9\u00a0GB');
});

test('an export is gathered byte for byte, and one without a header is refused', async () => {
  async function* events(list: ExportEvent[]) {
    yield* list;
  }
  const header: ExportEvent = { type: 'header', fileName: 'all.zip', mediaType: 'application/zip' };
  const pieces = Array.from({ length: 400 }, (_, index) => new Uint8Array(48 * 1024).fill(index % 256));
  const sizes: number[] = [];
  const file = await collectExport(
    events([header, ...pieces.map((bytes) => ({ type: 'piece', bytes }) as const)]),
    (size) => sizes.push(size),
  );
  assert.equal(file.fileName, 'all.zip');
  assert.equal(file.blob.type, 'application/zip');
  assert.deepEqual(new Uint8Array(await file.blob.arrayBuffer()), new Uint8Array(Buffer.concat(pieces)));
  assert.equal(sizes.at(-1), 400 * 48 * 1024);
  await assert.rejects(collectExport(events([]), () => {}));
});

test('every package that ships stands in the list of licences with the licence it names itself', () => {
  const shipped = new Set([...runtimePackages(), ...packagesOf('renderer'), 'electron']);
  const listed = new Map(licences.map(({ name, licence }) => [name, licence]));
  assert.deepEqual([...shipped].filter((name) => !listed.has(name)).sort(), [], 'missing from the list');
  for (const [name, licence] of listed) {
    const own = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    assert.equal(licence, own.license, name);
  }
  for (const { inside } of carriedLibraries) assert.ok(listed.has(inside), `${inside} is no package of ours`);
});

function runtimePackages(): string[] {
  return Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
}

/** Packages that the files of a folder import. */
function packagesOf(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  const text = files.map((name) => readFileSync(join(root, folder, name), 'utf8')).join('\n');
  return [...text.matchAll(/from '(@[^/']+\/[^/']+|[^.@'][^/']*)/g)].map((match) => match[1]!);
}
