import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { isBegun } from '../../native-models/conversion/conversion-journal.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { refuseFullDisk } from '../../native-models/conversion/disk-space.ts';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { recipeVersion } from '../../native-models/conversion/recipe-version.ts';
import { refuseFullMemory } from '../../native-models/inference/memory-limits.ts';
import { estimateMemory, usualQuestion } from '../../native-models/inference/memory-need.ts';
import { changedCheckpoint } from '../support/changed-checkpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { answer, openTinyModel, tinyCheckpoint, userTurn } from '../support/tiny-model.ts';
import { traceOpens } from '../support/trace-opens.ts';

for (const precision of ['fp16', 'int8', 'int4'] as const) {
  test(`${precision}: the converted model answers, and says what it is`, async (t) => {
    const { parts, description } = await openTinyModel(t, precision);
    const { end } = await answer(parts, { messages: [userTurn('Hello')], generation: { maxNewTokens: 8 } });
    assert.equal(end.tokenIds.length, 8);
    assert.equal(description.precision.decoder, precision);
    if (precision === 'fp16') assert.ok(description.notes.some((note) => note.includes('widened')));
    if (precision === 'int4')
      assert.ok(description.notes.some((note) => /lm_head: int[48]; .*nats KL/.test(note)));
  });
}

test('fp16 keeps a tensor with values out of range in fp32 and counts it', async (t) => {
  const folder = await temporaryFolder(t);
  const name = 'language_model.model.layers.0.mlp.up_proj.weight';
  const checkpoint = await changedCheckpoint(folder, {
    tensors(tensors) {
      const bytes = tensors.get(name)!.bytes;
      new DataView(bytes.buffer, bytes.byteOffset).setUint16(0, 0x4800, true); // bf16 131,072
    },
  });
  const { manifest } = await convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'fp16' });
  assert.equal(manifest.tensors['decoder.0.gate_up.weight']!.type, 'float32');
  assert.equal(manifest.tensors['decoder.1.gate_up.weight']!.type, 'float16');
  assert.ok(manifest.notes.includes('1 tensors kept wider than asked'));
});

test('a missing tensor, a wrong shape, a NaN and a cut file are typed errors that name the tensor or file', async (t) => {
  const name = 'language_model.model.layers.1.self_attn.o_proj.weight';
  const cases: { code: string; names: RegExp; change: Parameters<typeof changedCheckpoint>[1] }[] = [
    {
      code: 'tensor_missing',
      names: /layers\.1\.self_attn\.o_proj/,
      change: { tensors: (tensors) => tensors.delete(name) },
    },
    {
      code: 'tensor_mismatch',
      names: /layers\.1\.self_attn\.o_proj.*\[/,
      change: {
        tensors: (tensors) =>
          tensors
            .get(name)!
            .shape.reverse()
            .splice(0, 1, tensors.get(name)!.shape[0]! / 2, 2),
      },
    },
    {
      code: 'checkpoint_broken',
      names: /layers\.1\.self_attn\.o_proj/,
      change: { tensors: (tensors) => tensors.get(name)!.bytes.fill(0xff, 0, 2) },
    },
  ];
  for (const { code, names, change } of cases) {
    const folder = await temporaryFolder(t);
    const checkpoint = await changedCheckpoint(folder, change);
    await assert.rejects(convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'int8' }), {
      code,
      message: names,
    });
    assert.deepEqual(await readdir(folder), ['checkpoint'], 'nothing is left behind');
  }
  const folder = await temporaryFolder(t);
  const checkpoint = await changedCheckpoint(folder, {});
  const weights = join(checkpoint, 'model.safetensors');
  await writeFile(weights, (await readFile(weights)).subarray(0, -1000));
  await assert.rejects(convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'int8' }), {
    code: 'checkpoint_broken',
    message: /model\.safetensors/,
  });
});

test('the whole checkpoint is looked through before the first byte is written', async (t) => {
  const last = 'language_model.lm_head.weight';
  const cases: { code: string; names: RegExp; change: Parameters<typeof changedCheckpoint>[1] }[] = [
    { code: 'tensor_missing', names: /lm_head/, change: { tensors: (tensors) => tensors.delete(last) } },
    {
      code: 'tensor_mismatch',
      names: /lm_head.*\[32, 320\]/,
      change: { tensors: (tensors) => tensors.get(last)!.shape.reverse() },
    },
    {
      code: 'tensor_mismatch',
      names: /lm_head.*I16/,
      change: { tensors: (tensors) => Object.assign(tensors.get(last)!, { dtype: 'I16' }) },
    },
    {
      code: 'tensor_missing',
      names: /ls2/,
      change: { tensors: (tensors) => tensors.delete('vision_model.encoder.layers.0.ls2') },
    },
    {
      code: 'tensor_missing',
      names: /v_proj\.bias/,
      change: { tensors: (tensors) => tensors.delete('language_model.model.layers.1.self_attn.v_proj.bias') },
    },
    {
      code: 'tensor_missing',
      names: /embed_tokens/,
      change: { tensors: (tensors) => tensors.delete('language_model.model.embed_tokens.weight') },
    },
    {
      code: 'checkpoint_broken',
      names: /ids up to 311, config\.json promises 300/,
      change: {
        config: (config) => Object.assign(config.llm_config!, { vocab_size: 300 }),
        tensors(tensors) {
          for (const name of [last, 'language_model.model.embed_tokens.weight']) {
            const { bytes, shape } = tensors.get(name)!;
            tensors.set(name, { dtype: 'BF16', shape: [300, 32], bytes: bytes.slice(0, 300 * 64) });
            assert.equal(shape[0], 320);
          }
        },
      },
    },
  ];
  const opened = traceOpens(t);
  for (const { code, names, change } of cases) {
    const folder = await temporaryFolder(t);
    const checkpoint = await changedCheckpoint(folder, change);
    const steps: string[] = [];
    opened.length = 0;
    const converting = convertCheckpoint({
      checkpoint,
      out: join(folder, 'model'),
      precision: 'fp32',
      onProgress: ({ step }) => steps.push(step),
    });
    await assert.rejects(converting, { code, message: names });
    assert.ok(opened.length > 0 && opened.every((path) => path.startsWith(checkpoint)), 'only read from');
    assert.deepEqual([steps, await readdir(folder)], [[], ['checkpoint']]);
  }
});

test('a NaN in the token table is a broken checkpoint', async (t) => {
  const folder = await temporaryFolder(t);
  const name = 'language_model.model.embed_tokens.weight';
  const checkpoint = await changedCheckpoint(folder, {
    tensors: (tensors) => tensors.get(name)!.bytes.fill(0xff, 6, 8),
  });
  await assert.rejects(convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'fp32' }), {
    code: 'checkpoint_broken',
    message: /embed_tokens/,
  });
  assert.deepEqual(await readdir(folder), ['checkpoint']);
});

test('an adapter of another rank than its other half is found before anything is written', async (t) => {
  const folder = await temporaryFolder(t);
  const name = 'language_model.base_model.model.lm_head';
  const checkpoint = await changedCheckpoint(folder, {
    tensors(tensors) {
      const { bytes, ...rest } = tensors.get('language_model.lm_head.weight')!;
      tensors.set(`${name}.lora_A.default.weight`, { ...rest, shape: [2, 32], bytes: bytes.slice(0, 128) });
      tensors.set(`${name}.lora_B.default.weight`, { ...rest, shape: [320, 3], bytes: bytes.slice(0, 1920) });
    },
  });
  const steps: string[] = [];
  const onProgress = ({ step }: { step: string }) => steps.push(step);
  const out = join(folder, 'model');
  await assert.rejects(convertCheckpoint({ checkpoint, out, precision: 'fp32', onProgress }), {
    code: 'checkpoint_broken',
    message: /lora_A.*does not fit its weight/,
  });
  assert.deepEqual(steps, []);
});

test('a conversion stopped while lm_head is being measured shows no model and keeps what is whole', async (t) => {
  const folder = await temporaryFolder(t);
  const control = new AbortController();
  const onProgress = ({ step }: { step: string }) => {
    if (step.startsWith('decoder.1.')) control.abort(); // the last layer: what follows is the measurement
  };
  const out = join(folder, 'model');
  const request = { checkpoint: tinyCheckpoint, out, precision: 'int4', onProgress } as const;
  await assert.rejects(convertCheckpoint({ ...request, signal: control.signal }), { name: 'AbortError' });
  assert.deepEqual(await readdir(folder), ['model.partial']);
  assert.ok((await readdir(join(folder, 'model.partial'))).includes('vision.bin'));
});

test('architectures that can’t run here are refused by name before any weight is read', async (t) => {
  const changes: [RegExp, (config: Record<string, Record<string, unknown>>) => void][] = [
    [/model_type/, (config) => Object.assign(config, { model_type: 'llava' })],
    [/InternLM3/, (config) => Object.assign(config.llm_config!, { architectures: ['InternLM3ForCausalLM'] })],
    [/batch_norm/, (config) => Object.assign(config.vision_config!, { norm_type: 'batch_norm' })],
    [/vision layer/, (config) => Object.assign(config, { select_layer: -4 })],
    [
      /rope scaling/,
      (config) => Object.assign(config.llm_config!, { rope_scaling: { type: 'yarn', factor: 4 } }),
    ],
  ];
  for (const [reason, config] of changes) {
    const folder = await temporaryFolder(t);
    const checkpoint = await changedCheckpoint(folder, { config });
    await assert.rejects(convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'fp32' }), {
      code: 'checkpoint_unsupported',
      message: reason,
    });
  }
});

test('a config that contradicts itself is a typed error, not a failure deep inside a graph', async (t) => {
  const folder = await temporaryFolder(t);
  const checkpoint = await changedCheckpoint(folder, {
    config: (config) => Object.assign(config.llm_config!, { num_key_value_heads: 3 }),
  });
  await assert.rejects(convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'fp32' }), {
    code: 'checkpoint_broken',
  });
});

test('too little disk is refused before writing, with both figures', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(refuseFullDisk(folder, 1e18), {
    code: 'disk_full',
    message: /needs 1000000000\.0 GB.*disk has \d/,
  });
  await refuseFullDisk(folder, 1);
});

test('too little memory is refused before a session is opened, with both figures', async (t) => {
  const { manifest } = await convertCheckpoint({
    checkpoint: tinyCheckpoint,
    out: join(await temporaryFolder(t), 'model'),
    precision: 'fp16',
  });
  const circumstances = { question: usualQuestion, visionBuffers: 1 };
  const { peakBytes } = estimateMemory(manifest, circumstances);
  assert.throws(() => refuseFullMemory(manifest, circumstances, peakBytes - 1), {
    code: 'out_of_memory',
    message: /needs about 0\.2 GB.*0\.2 GB are free.*fewer pictures.*smaller precision or model/,
  });
  assert.throws(() => refuseFullMemory(manifest, circumstances, 1e6), {
    code: 'out_of_memory',
    message: /0\.0 GB are free\. Close other programs, or choose/,
  });
  refuseFullMemory(manifest, circumstances, peakBytes);
});

test('a target that holds something is refused', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'note.txt'), 'mine');
  await assert.rejects(convertCheckpoint({ checkpoint: tinyCheckpoint, out: folder, precision: 'fp32' }), {
    code: 'invalid_request',
  });
  assert.equal(await readFile(join(folder, 'note.txt'), 'utf8'), 'mine');
});

/** Stops a conversion into `out` at a share of its values. */
async function stopAt(share: number, { out, precision }: { out: string; precision: 'fp32' | 'int8' }) {
  const control = new AbortController();
  const converting = convertCheckpoint({
    checkpoint: tinyCheckpoint,
    out,
    precision,
    signal: control.signal,
    onProgress: ({ done, total }) => {
      if (done > total * share) control.abort();
    },
  });
  await assert.rejects(converting, { name: 'AbortError' });
}

/** Tells a file from another one of the same name. */
const bornAt = async (path: string) => (await stat(path, { bigint: true })).birthtimeNs;

for (const share of [0.2, 0.5, 0.8]) {
  test(`stopped at ${share} of its values, a conversion goes on and comes out byte for byte as one at once`, async (t) => {
    const folder = await temporaryFolder(t);
    const out = join(folder, 'model');
    const precision = 'int8' as const;
    await stopAt(share, { out, precision });
    assert.deepEqual(await readdir(folder), ['model.partial']);
    assert.equal(await isBegun({ checkpoint: tinyCheckpoint, out, precision }), true);
    assert.equal(await isBegun({ checkpoint: tinyCheckpoint, out, precision: 'fp32' }), false);
    const kept = await bornAt(join(`${out}.partial`, 'vision.bin'));
    await convertCheckpoint({ checkpoint: tinyCheckpoint, out, precision });
    assert.equal(await bornAt(join(out, 'vision.bin')), kept, 'the file that was there was gone on with');
    const whole = join(folder, 'whole');
    await convertCheckpoint({ checkpoint: tinyCheckpoint, out: whole, precision });
    assert.deepEqual((await readdir(out)).sort(), (await readdir(whole)).sort());
    for (const name of await readdir(whole))
      assert.deepEqual(await readFile(join(out, name)), await readFile(join(whole, name)), name);
  });
}

test('an unfinished conversion of another precision, or with a torn file, is begun anew', async (t) => {
  const out = join(await temporaryFolder(t), 'model');
  await stopAt(0.2, { out, precision: 'fp32' });
  const begun = join(`${out}.partial`, 'vision.bin');
  const other = await bornAt(begun);
  await stopAt(0.2, { out, precision: 'int8' });
  const torn = await bornAt(begun);
  assert.notEqual(torn, other);
  const file = await open(begun, 'r+');
  await file.write(Buffer.from([1, 2, 3]), 0, 3, 100); // what a power failure may leave
  await file.close();
  await convertCheckpoint({ checkpoint: tinyCheckpoint, out, precision: 'int8' });
  assert.notEqual(await bornAt(join(out, 'vision.bin')), torn);
  const { manifest } = await openModelFolder(out);
  for (const { name, sha256 } of manifest.files) {
    const bytes = await readFile(join(out, name));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, name);
  }
});

test('killed at any moment, an unfinished folder never looks like a model, and the next try comes out right', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'model');
  const script = fileURLToPath(new URL('../support/convert-slowly.ts', import.meta.url));
  for (const stopAfter of [1, 10, 30]) {
    const child = spawn(process.execPath, [script, tinyCheckpoint, out, String(stopAfter)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    assert.ok((await readdir(folder)).includes('model.partial'), 'work had begun');
    await assert.rejects(stat(out), { code: 'ENOENT' });
    await assert.rejects(openModelFolder(`${out}.partial`), { code: 'not_found' });
  }
  const kept = await bornAt(join(`${out}.partial`, 'vision.bin'));
  await convertCheckpoint({ checkpoint: tinyCheckpoint, out, precision: 'int8' });
  await openModelFolder(out);
  assert.equal(await bornAt(join(out, 'vision.bin')), kept, 'it went on with what was there');
  assert.deepEqual(await readdir(folder), ['model']);
});

test('a model folder with a file cut, missing or of another recipe is refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'model');
  await convertCheckpoint({ checkpoint: tinyCheckpoint, out: folder, precision: 'int8' });
  const manifest = await readFile(join(folder, 'manifest.json'), 'utf8');
  const refused = { code: 'model_folder_broken' };
  await writeFile(
    join(folder, 'manifest.json'),
    manifest.replace(`"recipeVersion": ${recipeVersion}`, '"recipeVersion": 0'),
  );
  await assert.rejects(openModelFolder(folder), { ...refused, message: /recipe 0/ });
  await writeFile(join(folder, 'manifest.json'), manifest.slice(0, -20));
  await assert.rejects(openModelFolder(folder), { ...refused, message: /not JSON/ });
  await writeFile(join(folder, 'manifest.json'), manifest.replace('"decoder.bin"', '"../decoder.bin"'));
  await assert.rejects(openModelFolder(folder), refused);
  await writeFile(join(folder, 'manifest.json'), manifest);
  const vision = await readFile(join(folder, 'vision.bin'));
  await writeFile(join(folder, 'vision.bin'), vision.subarray(0, -1));
  await assert.rejects(openModelFolder(folder), { ...refused, message: /vision\.bin/ });
});
