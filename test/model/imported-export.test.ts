/** A ready-made export in transformers.js layout, imported: it answers as our own graphs of the same weights do. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { findExportFiles } from '../../native-models/conversion/exports/find-export-files.ts';
import { importExport } from '../../native-models/conversion/exports/import-export.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import {
  makeTinyExport,
  makeTorchExport,
  readPlainModel,
  type TinyExport,
  writePlainModel,
} from '../support/tiny-export.ts';
import { answer, closeParts, noisePicture, userTurn } from '../support/tiny-model.ts';

async function opened(t: TestContext, folder: string) {
  const model = await openModelParts(folder);
  t.after(() => closeParts(model.parts));
  return model;
}

async function imported(t: TestContext, { source }: TinyExport) {
  const out = join(source, '..', 'imported');
  const { manifest } = await importExport({ source, out });
  return { out, manifest, ...(await opened(t, out)) };
}

for (const [whose, make] of [
  ['our own graphs under its names', makeTinyExport],
  ['torch.onnx', makeTorchExport],
] as const) {
  test(`an export by ${whose}: text, pictures and a second turn get the same ids as from a converted folder`, async (t) => {
    const made = await make(t);
    const theirs = await imported(t, made);
    const ours = await opened(t, made.converted);
    assert.deepEqual({ ...theirs.description, notes: [] }, { ...ours.description, notes: [] });
    const picture = noisePicture(ours.description, { width: 150, height: 90 });
    const generation = { maxNewTokens: 48 };
    const questions = [
      [userTurn('What is 12 + 30?')],
      [userTurn('What is shown?', picture)],
      [
        userTurn('What is shown?', picture),
        { role: 'assistant' as const, parts: [{ type: 'text' as const, text: 'A shape.' }] },
        userTurn('Where?'),
      ],
    ];
    for (const messages of questions) {
      const expected = await answer(ours.parts, { messages, generation });
      const given = await answer(theirs.parts, { messages, generation });
      assert.deepEqual(given.promptIds, expected.promptIds);
      assert.deepEqual(given.end.tokenIds, expected.end.tokenIds);
      assert.ok(given.end.tokenIds.length > 20);
    }
  });
}

test('which precision is taken follows what is there, or what is asked for', async (t) => {
  const { source } = await makeTinyExport(t);
  const onnx = join(source, 'onnx');
  for (const part of ['vision_encoder', 'embed_tokens', 'decoder_model_merged']) {
    for (const suffix of ['_q4', '_fp16', '_bnb4'])
      cpSync(join(onnx, `${part}.onnx`), join(onnx, `${part}${suffix}.onnx`));
  }
  const files = async (dtypes = {}) => {
    const { vision, tokens, decoder } = await findExportFiles(source, dtypes);
    return [vision.file, tokens.file, decoder.file, decoder.precision];
  };
  assert.deepEqual(await files(), [
    'vision_encoder.onnx',
    'embed_tokens_q4.onnx',
    'decoder_model_merged_q4.onnx',
    'int4',
  ]);
  const asked = { vision: 'fp16', tokens: 'bnb4', decoder: 'fp32' };
  assert.deepEqual(await files(asked), [
    'vision_encoder_fp16.onnx',
    'embed_tokens_bnb4.onnx',
    'decoder_model_merged.onnx',
    'fp32',
  ]);
  await assert.rejects(files({ decoder: 'q2' }), {
    code: 'not_found',
    message: /there is q4, fp32, bnb4, fp16/,
  });
});

test('a graph that ONNX Runtime refuses is found at the import', async (t) => {
  const { source } = await makeTinyExport(t);
  const path = join(source, 'onnx', 'vision_encoder.onnx');
  const model = readPlainModel(readFileSync(path));
  model.graph.node[0]!.input = ['nowhere'];
  writeFileSync(path, writePlainModel(model));
  const refused = { code: 'checkpoint_unsupported', message: /vision_encoder\.onnx/ };
  await assert.rejects(importExport({ source, out: join(source, '..', 'imported') }), refused);
});

test('other weights in the export give other ids (negative control)', async (t) => {
  const made = await makeTinyExport(t);
  const path = join(made.source, 'onnx', 'decoder_model_merged.onnx_data');
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 65536).fill(0), bytes.subarray(65536)]));
  const theirs = await imported(t, made);
  const ours = await opened(t, made.converted);
  const request = { messages: [userTurn('What is 12 + 30?')], generation: { maxNewTokens: 48 } };
  const given = await answer(theirs.parts, request);
  assert.notDeepEqual(given.end.tokenIds, (await answer(ours.parts, request)).end.tokenIds);
});

test('several answers at once branch off one past', async (t) => {
  const made = await makeTinyExport(t);
  const theirs = await imported(t, made);
  const ours = await opened(t, made.converted);
  const request = {
    messages: [userTurn('What is it?')],
    generation: { maxNewTokens: 16, temperature: 1, seed: 7, n: 3 },
  };
  const texts = async (parts: typeof ours.parts) => {
    const { events } = await answer(parts, request);
    return events
      .flatMap((event) => (event.type === 'end' ? [`${event.choice ?? 0}: ${event.tokenIds}`] : []))
      .sort();
  };
  const expected = await texts(ours.parts);
  assert.equal(new Set(expected).size, 3);
  assert.deepEqual(await texts(theirs.parts), expected);
});

test('an export of 16 bits at its borders runs; its ids follow its own rounding', async (t) => {
  const theirs = await imported(t, await makeTinyExport(t, { half: true }));
  assert.deepEqual(theirs.manifest.precision, { vision: 'fp16', decoder: 'fp16' });
  const picture = noisePicture(theirs.description, { width: 90, height: 90 });
  const { end } = await answer(theirs.parts, {
    messages: [userTurn('What?', picture)],
    generation: { maxNewTokens: 24 },
  });
  assert.equal(end.tokenIds.length, 24);
});

test('positions between whole numbers are refused in words', async (t) => {
  const theirs = await imported(t, await makeTinyExport(t));
  const picture = noisePicture(theirs.description, { width: 90, height: 90 });
  const request = {
    messages: [userTurn('What?', picture)],
    generation: { maxNewTokens: 4 },
    visualPositionStep: 0.5,
  };
  await assert.rejects(answer(theirs.parts, request), { code: 'invalid_request', message: /positions/ });
});

test('the folder holds what was looked through, under our names, and no file more', async (t) => {
  const { out, manifest } = await imported(t, await makeTinyExport(t));
  assert.deepEqual(
    readdirSync(out).sort(),
    [...manifest.files.map(({ name }) => name), 'manifest.json'].sort(),
  );
  assert.deepEqual(Object.keys(manifest.graphs ?? {}), ['vision', 'decoder']);
  assert.ok(manifest.files.every(({ name }) => !name.includes('onnx_data')));
});

test('a flipped byte in a graph or its data is found before ONNX Runtime sees it', async (t) => {
  const { out, manifest } = await imported(t, await makeTinyExport(t));
  for (const name of ['decoder.onnx', 'decoder-1.bin', 'vision.onnx', 'vision-1.bin']) {
    const path = join(out, name);
    const bytes = readFileSync(path);
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const flipped = Uint8Array.from(bytes);
      flipped[at]! ^= 1;
      writeFileSync(path, flipped);
      await assert.rejects(openModelParts(out), {
        code: 'model_folder_broken',
        message: /not the one that was imported/,
      });
    }
    writeFileSync(path, bytes);
  }
  assert.equal(manifest.files.length, 6);
  await closeParts((await openModelParts(out)).parts);
});
