/** Exports made to reach out of their folder or to bring code: refused before ONNX Runtime sees them (reliability T7). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkGraph } from '../../native-models/conversion/exports/check-graph.ts';
import { importExport } from '../../native-models/conversion/exports/import-export.ts';
import { decodeModel, encodeModel } from '../../native-models/onnx/read-graph.ts';
import {
  attackedGraph,
  hostileGraphs,
  hostilePlaces,
  secretFloat,
  writeSecret,
} from '../support/hostile-exports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeTinyExport, readPlainModel } from '../support/tiny-export.ts';

const child = join(dirname(fileURLToPath(import.meta.url)), '..', 'support', 'run-graph-child.ts');

async function copyOf(t: TestContext, source: string): Promise<string> {
  const folder = join(await temporaryFolder(t), 'export');
  cpSync(source, folder, { recursive: true });
  writeSecret(join(folder, 'onnx'));
  return folder;
}

test('every hostile export is refused by its own kind of error, and nothing is left of it', async (t) => {
  const { source } = await makeTinyExport(t);
  const cases = [...hostilePlaces, ...hostileGraphs];
  assert.ok(cases.length >= 50, `${cases.length} cases`);
  for (const { what, code, change } of cases) {
    const folder = await copyOf(t, source);
    change(join(folder, 'onnx'));
    const out = join(folder, 'out');
    await assert.rejects(importExport({ source: folder, out }), { name: 'AppError', code }, what);
    assert.ok(!existsSync(out) && !existsSync(`${out}.partial`), what);
  }
});

test('the same export unchanged is let in (negative control)', async (t) => {
  const { source } = await makeTinyExport(t);
  const folder = await copyOf(t, source);
  const { manifest } = await importExport({ source: folder, out: join(folder, 'out') });
  assert.equal(manifest.tokenTable.dtype, 'F32');
});

test('given straight to ONNX Runtime, the same places yield no byte of another file either', async (t) => {
  const { source } = await makeTinyExport(t);
  let ran = 0;
  for (const { what, change } of hostilePlaces.filter(({ what }) => /secret|link|\/etc|folder/.test(what))) {
    const folder = await copyOf(t, source);
    change(join(folder, 'onnx'));
    const { stdout } = spawnSync(process.execPath, [child, join(folder, 'onnx', attackedGraph)], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    // A hard link is a file of that folder for everybody: only we can tell, by its second name.
    if (!what.includes('hard link')) assert.ok(!stdout.includes(String(secretFloat)), what);
    ran += 1;
  }
  assert.ok(ran >= 6, `${ran} ran`);
  const { stdout } = spawnSync(process.execPath, [child, join(source, 'onnx', attackedGraph)], {
    encoding: 'utf8',
  });
  assert.ok((JSON.parse(stdout) as number[]).length > 10); // the child does show what a graph reads
});

test('what a parser may read in two ways is written in one: only what was looked through is kept', async (t) => {
  const { source } = await makeTinyExport(t);
  const folder = await copyOf(t, source);
  const path = join(folder, 'onnx', 'decoder_model_merged.onnx');
  const bytes = readFileSync(path);
  const { graph } = readPlainModel(bytes);
  // Field 7 twice: parsers that merge see this node too, parsers that take the last do not.
  const hidden = encodeModel({
    graph: {
      node: [{ opType: 'EPContext', domain: 'com.microsoft', input: [], output: ['x'], attribute: [] }],
      initializer: [],
      input: [],
      output: [],
      sparseInitializer: [],
    },
    opsetImport: [],
    functions: [],
    trainingInfo: [],
  });
  writeFileSync(path, Buffer.concat([hidden, bytes]));
  const out = join(folder, 'out');
  const imported = await importExport({ source: folder, out }).catch((error: { code: string }) => error.code);
  if (typeof imported === 'string') return assert.equal(imported, 'checkpoint_unsupported');
  const kept = readFileSync(join(out, 'decoder.onnx'));
  assert.ok(!kept.includes('EPContext'));
  assert.equal(readPlainModel(kept).graph.node.length, graph.node.length);
});

test('no change of a byte makes the check throw anything but a typed error', async (t) => {
  const { source } = await makeTinyExport(t);
  const bytes = readFileSync(join(source, 'onnx', attackedGraph));
  let refused = 0;
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Uint8Array.from(bytes);
    flipped[at]! ^= 1 << (at % 8);
    try {
      checkGraph(decodeModel(flipped), attackedGraph);
    } catch (error) {
      refused += 1;
      const isTyped = (error as Error).name === 'AppError';
      const isParsers =
        (error as Error).stack?.includes('read-graph') || (error as Error).stack?.includes('protobufjs');
      assert.ok(isTyped || isParsers, `byte ${at}: ${error}`);
    }
  }
  assert.ok(refused > 20, `${refused} of ${bytes.length} refused`);
});
