/** A model folder that is damaged, altered or forged never becomes a graph: every fault is one typed error. */
import assert from 'node:assert/strict';
import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { findManifestFault } from '../../native-models/conversion/check-manifest.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { type ModelManifest, manifestSchema } from '../../native-models/conversion/model-manifest.ts';
import type { Precision } from '../../native-models/inference/generation-types.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

const broken = { code: 'model_folder_broken' };

async function convertTiny(t: TestContext, precision: Precision) {
  const folder = join(await temporaryFolder(t), 'model');
  const { manifest } = await convertCheckpoint({ checkpoint: tinyCheckpoint, out: folder, precision });
  return { folder, manifest };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = (string | number)[];

/** Every value in a JSON tree that is no object or list, by its path. */
function leavesOf(json: Json, path: Path = []): Path[] {
  if (json === null || typeof json !== 'object') return [path];
  return Object.entries(json).flatMap(([key, value]) =>
    leavesOf(value, [...path, Array.isArray(json) ? Number(key) : key]),
  );
}

function withLeaf(json: Json, [key, ...rest]: Path, change: (value: Json) => Json): Json {
  if (key === undefined) return change(json);
  if (Array.isArray(json))
    return json.map((value, at) => (at === key ? withLeaf(value, rest, change) : value));
  const object = json as { [key: string]: Json };
  return { ...object, [key]: withLeaf(object[key]!, rest, change) };
}

/** Another value of the same kind: what a flipped bit, a typing error or a forger makes of it. */
function otherValue(value: Json, seed: number): Json {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return [value + 1, value * 2, -value - 1, value + 0.5, 2 ** 40][seed % 5]!;
  if (value === null) return 'text';
  const text = value as string;
  return [`${text}x`, text.slice(1), '', '../decoder.bin', 'float16'][seed % 5]!;
}

/**
 * What a manifest is taken at its word for: nothing else in the folder says it a second time. Sums of files are for
 * whoever wants to check gigabytes; opening does not read them.
 */
const trusted = [
  /^name$/,
  /^systemText$/,
  /^notes\.\d+$/,
  /^files\.\d+\.sha256$/,
  /^config\.(useThumbnail|minTiles|maxTiles)$/,
  /^config\.vision\.(headCount|layerNormEpsilon)$/,
  /^config\.decoder\.(rmsNormEpsilon|ropeTheta|ropeFactor|contextLength|tiedEmbeddings)$/,
  /^layout$/,
  /^tokenTable\.dtype$/,
];

for (const precision of ['fp32', 'int4'] as const) {
  test(`${precision}: any one value of a manifest changed is refused, but for those it alone can say`, async (t) => {
    const { manifest } = await convertTiny(t, precision);
    assert.equal(findManifestFault(manifest), null);
    const good = JSON.parse(JSON.stringify(manifest)) as Json;
    const leaves = leavesOf(good).filter((path) => !trusted.some((pattern) => pattern.test(path.join('.'))));
    assert.ok(leaves.length > 100);
    const isRefused = (json: Json) => {
      const parsed = manifestSchema.safeParse(json);
      if (!parsed.success || parsed.data.recipeVersion !== manifest.recipeVersion) return true;
      const isTokenizerAsItLies = parsed.data.files.at(-1)!.sizeBytes === manifest.files.at(-1)!.sizeBytes;
      return !isTokenizerAsItLies || findManifestFault(parsed.data) !== null;
    };
    fc.assert(
      fc.property(fc.constantFrom(...leaves), fc.nat(4), (path, seed) => {
        const changed = withLeaf(good, path, (value) => otherValue(value, seed));
        const isSame = JSON.stringify(changed) === JSON.stringify(good);
        assert.ok(isSame || isRefused(changed), `${path.join('.')}, change ${seed}`);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
}

test('fields taken away or added are refused', async (t) => {
  const { manifest } = await convertTiny(t, 'int8');
  const without = (path: Path) => {
    const copy = structuredClone(manifest) as unknown as Record<string | number, never>;
    const parent = path.slice(0, -1).reduce((at, key) => at[key]!, copy);
    delete parent[path.at(-1)!];
    return copy as unknown as ModelManifest;
  };
  for (const path of leavesOf(JSON.parse(JSON.stringify(manifest)) as Json)) {
    if (typeof path.at(-1) === 'number') continue; // lists are cut below
    assert.ok(!manifestSchema.safeParse(without(path)).success, path.join('.'));
  }
  for (const name of Object.keys(manifest.tensors)) {
    assert.notEqual(findManifestFault(without(['tensors', name])), null, name);
  }
  const surplus = { ...manifest.tensors, 'decoder.99.qkv.weight': Object.values(manifest.tensors)[0]! };
  assert.match(findManifestFault({ ...manifest, tensors: surplus }) ?? '', /no place for/);
  for (const [at] of manifest.files.entries()) {
    assert.notEqual(findManifestFault({ ...manifest, files: manifest.files.toSpliced(at, 1) }), null);
    const twice = [...manifest.files, manifest.files[at]!];
    assert.match(findManifestFault({ ...manifest, files: twice }) ?? '', /twice/);
  }
  const unused = [...manifest.files, { ...manifest.files[0]!, name: 'more.bin' }];
  assert.match(findManifestFault({ ...manifest, files: unused }) ?? '', /no use for/);
});

test('what a manifest says of itself fits a frame', async (t) => {
  const { manifest } = await convertTiny(t, 'fp32');
  for (const change of [
    { name: 'x'.repeat(101) },
    { systemText: 'x'.repeat(4001) },
    { notes: ['x'.repeat(201)] },
  ]) {
    assert.ok(!manifestSchema.safeParse({ ...manifest, ...change }).success);
  }
});

test('a link in the place of any file of a model folder is refused, even to the file itself', async (t) => {
  const { folder, manifest } = await convertTiny(t, 'int8');
  for (const name of ['manifest.json', ...manifest.files.map((file) => file.name)]) {
    await rename(join(folder, name), join(folder, 'aside'));
    await symlink('aside', join(folder, name));
    await assert.rejects(openModelFolder(folder), { ...broken, message: /is no plain file/ }, name);
    await rm(join(folder, name));
    await rename(join(folder, 'aside'), join(folder, name));
  }
  await openModelFolder(folder);
});

test('a manifest that is missing, cut, too large or no text is refused', async (t) => {
  const { folder } = await convertTiny(t, 'int8');
  const file = join(folder, 'manifest.json');
  const text = await readFile(file, 'utf8');
  for (const content of [
    '',
    text.slice(0, -2),
    'null',
    '[]',
    ' '.repeat(33 * 1024 * 1024),
    Uint8Array.of(0xff),
  ]) {
    await writeFile(file, content);
    await assert.rejects(openModelFolder(folder), broken);
  }
  await rm(file);
  await assert.rejects(openModelFolder(folder), { code: 'not_found' });
});
