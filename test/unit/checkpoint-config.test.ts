/** What config.json may say, layout by layout: limits, contradictions, and what can't run here. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readCheckpointConfig } from '../../native-models/conversion/checkpoint-config.ts';
import { modelParameters } from '../../native-models/conversion/model-parameters.ts';
import { defaultSystemText } from '../../native-models/text/chat-template.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { goldenFolder } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Json = Record<string, unknown>;
type Change = { top?: Json; vision?: Json; language?: Json };

const checkpoints = { original: 'g7-d64-t112-bf16', hf: 'g1-d32-t56-bf16-hf' } as const;

/** A committed config with these fields in the place of its own. */
async function readChanged(t: TestContext, change: Change, layout: keyof typeof checkpoints = 'original') {
  const folder = await temporaryFolder(t);
  const file = join(goldenFolder, 'checkpoints', checkpoints[layout], 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Json>;
  Object.assign(config, change.top);
  Object.assign(config.vision_config!, change.vision);
  Object.assign(config[layout === 'original' ? 'llm_config' : 'text_config']!, change.language);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return readCheckpointConfig(folder);
}

test('the unchanged configs of both layouts are read', async (t) => {
  const original = await readChanged(t, {});
  assert.deepEqual([original.layout, original.systemText], ['original', defaultSystemText]);
  assert.deepEqual([original.config.decoder.headCount, original.config.vision.imageSize], [14, 112]);
  const hf = await readChanged(t, {}, 'hf');
  assert.deepEqual([hf.layout, hf.systemText, hf.config.vision.imageSize], ['hf', null, 56]);
});

const limits: [what: string, change: Change, at: RegExp][] = [
  ['513 language layers', { language: { num_hidden_layers: 513 } }, /llm_config\.num_hidden_layers/],
  ['a billion vision layers', { vision: { num_hidden_layers: 1e9 } }, /vision_config\.num_hidden_layers/],
  ['no layer', { language: { num_hidden_layers: 0 } }, /num_hidden_layers/],
  ['half a layer', { language: { num_hidden_layers: 1.5 } }, /num_hidden_layers/],
  ['a tile of 4,097 pixels', { vision: { image_size: 4097 } }, /vision_config\.image_size/],
  ['a pair of sides past the limit', { vision: { image_size: [112, 5000] } }, /vision_config\.image_size/],
  ['a negative patch', { vision: { patch_size: -14 } }, /vision_config\.patch_size/],
  ['a width of two million', { language: { hidden_size: 2_000_000 } }, /llm_config\.hidden_size/],
  ['an epsilon of 0', { language: { rms_norm_eps: 0 } }, /rms_norm_eps/],
  ['a text where a number belongs', { language: { vocab_size: '320' } }, /vocab_size/],
  ['a name as long as a book', { vision: { norm_type: 'x'.repeat(100_000) } }, /vision_config\.norm_type/],
  ['a name with an escape sequence', { language: { hidden_act: '\u001b[2J' } }, /llm_config\.hidden_act/],
  ['a system message of a book', { top: { system_message: 'x'.repeat(4001) } }, /system_message/],
];
for (const [what, change, message] of limits) {
  test(`${what} is a broken checkpoint, with the place`, async (t) => {
    await assert.rejects(readChanged(t, change), { code: 'checkpoint_broken', message });
  });
}

test('the largest sizes of the family pass the limits', async (t) => {
  const { config } = await readChanged(t, {
    language: {
      num_hidden_layers: 80,
      hidden_size: 8192,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 128,
    },
    vision: { num_hidden_layers: 45, hidden_size: 3200, num_attention_heads: 25, image_size: 448 },
    top: { force_image_size: 448 },
  });
  assert.deepEqual([config.decoder.layerCount, config.vision.layerCount], [80, 45]);
});

const unsupported: [what: string, change: Change, message: RegExp][] = [
  [
    'rope scaling under its old name',
    { language: { rope_scaling: { type: 'yarn' } } },
    /rope scaling is yarn/,
  ],
  [
    'rope scaling under its new name',
    { language: { rope_scaling: null, rope_parameters: { rope_type: 'yarn' } } },
    /rope scaling is yarn/,
  ],
  [
    'rope scaling under both, one of them harmless',
    { language: { rope_parameters: { rope_type: 'llama3' } } },
    /rope scaling is llama3/,
  ],
  ['another template', { top: { template: 'internlm2-chat' } }, /template is "internlm2-chat"/],
  ['a tile that is not square', { vision: { image_size: [112, 56] } }, /image_size is not square/],
  [
    'another tile size outside than inside',
    { top: { force_image_size: 448 } },
    /force_image_size 448 differs/,
  ],
  ['a sliding window', { language: { use_sliding_window: true } }, /sliding window/],
  ['another vision norm', { vision: { norm_type: 'batch_norm' } }, /vision norm is batch_norm/],
  [
    'InternLM2 with experts for pictures',
    { language: { architectures: ['InternLM2VEForCausalLM'] } },
    /language model is InternLM2VEForCausalLM/,
  ],
];

test('what a config says never makes a sentence longer than a frame, or steers a terminal', async (t) => {
  for (const change of [...limits, ...unsupported].map(([, change]) => change)) {
    const { message } = await readChanged(t, change).then(
      () => assert.fail(),
      (error: Error) => error,
    );
    assert.match(message, /^[^\p{Cc}]{10,400}$/u);
  }
});

test('InternViT-6B is known by its config, also where it leaves out what its code takes for granted', async (t) => {
  const said = { norm_type: 'rms_norm', qk_normalization: true, qkv_bias: false };
  const unsaid = { norm_type: undefined, qk_normalization: undefined, qkv_bias: undefined };
  for (const vision of [said, unsaid]) {
    const { norm, queryKeyNorm, qkvBias } = (await readChanged(t, { vision })).config.vision;
    assert.deepEqual({ norm, queryKeyNorm, qkvBias }, { norm: 'rms', queryKeyNorm: true, qkvBias: false });
  }
});

test('InternLM2 is known by its name, with its own bias and rope scaling', async (t) => {
  const language = {
    architectures: ['InternLM2ForCausalLM'],
    model_type: 'internlm2',
    bias: false,
    rope_theta: 5e7,
    rope_scaling: { type: 'linear', factor: 6 },
  };
  const { decoder } = (await readChanged(t, { language })).config;
  const { architecture, attentionBias, ropeTheta, ropeFactor } = decoder;
  assert.deepEqual([architecture, attentionBias, ropeTheta, ropeFactor], ['internlm2', false, 5e7, 6]);
  const dynamic = await readChanged(t, {
    language: { ...language, rope_scaling: { type: 'dynamic', factor: 6 } },
  });
  assert.equal(dynamic.config.decoder.ropeFactor, 1);
});

const contradictions: [what: string, change: Change, message: RegExp][] = [
  [
    'a patch that does not divide the tile',
    { vision: { patch_size: 15 } },
    /patch size 15 does not divide image size 112/,
  ],
  [
    'vision heads that do not divide the width',
    { vision: { num_attention_heads: 3 } },
    /3 vision heads do not divide/,
  ],
  [
    'a ratio that merges no whole patches',
    { top: { downsample_ratio: 0.3 } },
    /downsample ratio 0\.3 does not fit 8 patches/,
  ],
  [
    'a ratio that leaves patches over',
    { top: { downsample_ratio: 0.2 } },
    /downsample ratio 0\.2 does not fit 8 patches/,
  ],
  [
    'key-value heads that do not divide the heads',
    { language: { num_key_value_heads: 4 } },
    /4 key-value heads do not divide 14/,
  ],
  [
    'more key-value heads than heads',
    { language: { num_key_value_heads: 28 } },
    /28 key-value heads do not divide 14/,
  ],
  ['an odd head', { language: { head_dim: 63 } }, /head size 63 is no even number/],
  [
    'a head of a broken width',
    { language: { head_dim: null, num_attention_heads: 6 } },
    /head size 5\.3\d+ is no even/,
  ],
  ['more tiles at least than at most', { top: { min_dynamic_patch: 7 } }, /7 tiles at least, 6 at most/],
];
for (const [what, change, message] of contradictions) {
  test(`${what} is a config that contradicts itself`, async (t) => {
    await assert.rejects(readChanged(t, change), { code: 'checkpoint_broken', message });
  });
}

for (const [what, change, message] of unsupported) {
  test(`${what} can’t run here, before anything is converted`, async (t) => {
    await assert.rejects(readChanged(t, change), { code: 'checkpoint_unsupported', message });
  });
}

test('rope scaling that changes nothing within the trained length is taken under either name', async (t) => {
  const { config } = await readChanged(t, {
    language: {
      rope_scaling: null,
      rope_theta: undefined,
      rope_parameters: { rope_type: 'dynamic', rope_theta: 5e7 },
    },
  });
  assert.equal(config.decoder.ropeTheta, 5e7);
});

test('a checkpoint’s own system message takes the place of the template’s', async (t) => {
  assert.equal((await readChanged(t, { top: { system_message: 'Be brief.' } })).systemText, 'Be brief.');
  assert.equal((await readChanged(t, { top: { system_message: null } })).systemText, defaultSystemText);
});

test('a name is shown without the folders of whoever trained the model, and cut', async (t) => {
  const nameOf = async (name: string) => (await readChanged(t, { top: { _name_or_path: name } })).name;
  assert.equal(await nameOf('/home/someone/work/InternVL3-1B'), 'InternVL3-1B');
  assert.equal(await nameOf('C:\\Users\\someone\\InternVL3-2B'), 'InternVL3-2B');
  assert.equal((await nameOf('x'.repeat(500))).length, 100);
  assert.equal(await nameOf('folder/'), 'InternVL3');
});

test('a config that is missing, unreadable, a folder, too large or no JSON is told apart', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'config.json');
  const refusedAs = (code: string, message: RegExp) =>
    assert.rejects(readCheckpointConfig(folder), { code, message });
  await refusedAs('not_found', /config\.json is missing/);
  symlinkSync('taken-away', file);
  await refusedAs('file_unreadable', /config\.json can't be read \(ENOENT\)/);
  const inFolder = await temporaryFolder(t);
  mkdirSync(join(inFolder, 'config.json'));
  await assert.rejects(readCheckpointConfig(inFolder), { code: 'path_refused', message: /config\.json/ });
  const plain = await temporaryFolder(t);
  const write = (bytes: string | Uint8Array) => writeFileSync(join(plain, 'config.json'), bytes);
  for (const [bytes, message] of [
    [' '.repeat(4 * 1024 * 1024 + 1), /bytes, at most/],
    ['{', /not valid JSON/],
    [Uint8Array.of(0x22, 0xff, 0x22), /not UTF-8/],
  ] as const) {
    write(bytes);
    await assert.rejects(readCheckpointConfig(plain), { code: 'checkpoint_broken', message });
  }
});

test('whatever one value of a config becomes, it is read or refused by a typed error', async (t) => {
  const folder = await temporaryFolder(t);
  const values = [null, true, -1, 0, 0.5, 7, 1e6, 1e308, '', 'x', [], [1, 2], {}, '__proto__'];
  let refused = 0;
  let read = 0;
  for (const checkpoint of Object.values(checkpoints)) {
    const text = readFileSync(join(goldenFolder, 'checkpoints', checkpoint, 'config.json'), 'utf8');
    const leaves = leavesOf(JSON.parse(text));
    for (const path of leaves) {
      for (const value of values) {
        const config = JSON.parse(text);
        path.slice(0, -1).reduce((at, key) => at[key], config)[path.at(-1)!] = value;
        writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
        try {
          const { config: sizes, layout } = await readCheckpointConfig(folder);
          modelParameters(sizes, layout); // what a config promises can be listed
          read += 1;
        } catch (error) {
          assert.ok(error instanceof AppError, `${path.join('.')} = ${JSON.stringify(value)}: ${error}`);
          refused += 1;
        }
      }
    }
  }
  assert.ok(refused > 500 && read > 300, `${refused} refused, ${read} read`);
});

/** Paths of all values that are no object, by key. */
function leavesOf(json: Record<string, unknown>, path: string[] = []): string[][] {
  return Object.entries(json).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? leavesOf(value as Record<string, unknown>, [...path, key])
      : [[...path, key]],
  );
}
