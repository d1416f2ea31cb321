/** Reading tokenizers as strangers publish them: every form gives the same, every fault is named. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createTokenizer } from '../../native-models/text/tokenizer.ts';
import { readTokenizerFiles } from '../../native-models/text/tokenizer-files.ts';
import { buildTokenizerJson } from '../../native-models/text/tokenizer-json.ts';
import { AppError } from '../../preload/contract/errors.ts';

const golden = join(import.meta.dirname, '../golden/text');

/** The parts of a tokenizer.json that these tests break. */
interface TokenizerJson {
  added_tokens: { id: number; content: string; lstrip: boolean }[];
  normalizer: { type: string };
  pre_tokenizer: { pretokenizers: { pattern: { Regex: string } }[] };
  model: { type: string; vocab: Record<string, unknown>; merges: unknown[]; byte_fallback: boolean };
}

test('both published forms give the same tokenizer', async () => {
  const original = await readTokenizerFiles(join(golden, 'original'));
  assert.deepEqual(original, await readTokenizerFiles(join(golden, 'hf')));
  assert.equal(Object.keys(original.vocabulary).length, 1800);
  assert.equal(original.addedTokens.length, 31);
});

test('what is written into a model folder reads back the same', async (t) => {
  const folder = await emptyFolder(t);
  const files = await readTokenizerFiles(join(golden, 'original'));
  await writeFile(
    join(folder, 'tokenizer.json'),
    JSON.stringify(buildTokenizerJson(files, files.addedTokens)),
  );
  assert.deepEqual(await readTokenizerFiles(folder), files);
});

test('added tokens are found where older checkpoints list them', async (t) => {
  const folder = await copyOf(t, 'original');
  const expected = await readTokenizerFiles(folder);
  const special = expected.addedTokens.filter((token) => token.special).map((token) => token.content);
  await rm(join(folder, 'tokenizer_config.json'));
  const map = { additional_special_tokens: special.map((content) => ({ content, lstrip: false })) };
  await writeFile(join(folder, 'special_tokens_map.json'), JSON.stringify(map));
  assert.deepEqual(await readTokenizerFiles(folder), expected);
});

test('a chat template is never looked at, whatever it holds', async (t) => {
  const folder = await copyOf(t, 'hf');
  const config = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8'));
  const hostile = {
    ...config,
    chat_template: "{{ cycler.__init__.__globals__.os.popen('true') }}",
    auto_map: { a: 'b.py' },
  };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(hostile));
  assert.deepEqual(await readTokenizerFiles(folder), await readTokenizerFiles(join(golden, 'hf')));
});

for (const [what, message, breakIt] of [
  [
    'an id that two tokens share',
    /two tokens have the id 5/,
    (json) => Object.assign(json.model.vocab, { A: 5 }),
  ],
  [
    'an id that is no number',
    /"a" is not a whole number/,
    (json) => Object.assign(json.model.vocab, { a: '5' }),
  ],
  [
    'an id past all limits',
    /"a" is not a whole number/,
    (json) => Object.assign(json.model.vocab, { a: 1e6 }),
  ],
  ['a negative id', /"a" is not a whole number/, (json) => Object.assign(json.model.vocab, { a: -1 })],
  ['a byte without symbol', /1 of the 256 bytes/, (json) => delete json.model.vocab['~'] && dropMerges(json)],
  ['a merge of unknown tokens', /merge 3 names a token/, (json) => json.model.merges.splice(2, 1, 'Q Z')],
  ['a merge of three', /merge 1 is not a pair/, (json) => json.model.merges.splice(0, 1, 'a b c')],
  ['a merge with a number', /merge 1 is not a pair/, (json) => json.model.merges.splice(0, 1, [1, 'a'])],
  [
    'an added token on a taken id',
    /added token 7 contradicts/,
    (json) => Object.assign(json.added_tokens[3]!, { id: 7 }),
  ],
  [
    'an added token twice',
    /contradicts/,
    (json) => json.added_tokens.push({ ...json.added_tokens[0]!, id: 9000 }),
  ],
  ['a vocabulary that is a list', /no object/, (json) => Object.assign(json.model, { vocab: [] })],
  ['no model', /at model:/, (json) => Object.assign(json, { model: null })],
] as [string, RegExp, (json: TokenizerJson) => unknown][]) {
  test(`${what} is a broken checkpoint`, async (t) => {
    const folder = await changedTokenizer(t, breakIt);
    await assert.rejects(readTokenizerFiles(folder), {
      name: 'AppError',
      code: 'checkpoint_broken',
      message,
    });
  });
}

for (const [what, message, change] of [
  [
    'an expression of its own',
    /pattern\.Regex/,
    (json) => Object.assign(json.pre_tokenizer.pretokenizers[0]!.pattern, { Regex: '(a+)+$' }),
  ],
  ['another normaliser', /normalizer\.type/, (json) => Object.assign(json.normalizer, { type: 'NFKC' })],
  ['another model', /model\.type/, (json) => Object.assign(json.model, { type: 'Unigram', vocab: [] })],
  ['byte fallback', /byte_fallback/, (json) => Object.assign(json.model, { byte_fallback: true })],
  [
    'tokens that eat blanks',
    /added token 1802 takes more/,
    (json) => Object.assign(json.added_tokens[2]!, { lstrip: true }),
  ],
] as [string, RegExp, (json: TokenizerJson) => unknown][]) {
  test(`a tokenizer with ${what} is unsupported`, async (t) => {
    const folder = await changedTokenizer(t, change);
    await assert.rejects(readTokenizerFiles(folder), { code: 'checkpoint_unsupported', message });
  });
}

test('missing files are named, a SentencePiece tokenizer too', async (t) => {
  const folder = await copyOf(t, 'original');
  await rm(join(folder, 'merges.txt'));
  await assert.rejects(readTokenizerFiles(folder), { code: 'checkpoint_broken', message: /^merges\.txt/ });
  await rm(join(folder, 'vocab.json'));
  await assert.rejects(readTokenizerFiles(folder), { code: 'checkpoint_broken', message: /vocab\.json/ });
  await writeFile(join(folder, 'tokenizer.model'), '');
  await assert.rejects(readTokenizerFiles(folder), {
    code: 'checkpoint_unsupported',
    message: /tokenizer\.model/,
  });
});

test('a file past the limit is refused unread, and so is what is no file', async (t) => {
  const folder = await copyOf(t, 'hf');
  await truncate(join(folder, 'tokenizer.json'), 65 * 1024 * 1024);
  await assert.rejects(readTokenizerFiles(folder), {
    code: 'checkpoint_broken',
    message: /tokenizer\.json.*bytes/,
  });
  await rm(join(folder, 'tokenizer.json'));
  await cp(join(golden, 'original'), join(folder, 'tokenizer.json'), { recursive: true });
  await assert.rejects(readTokenizerFiles(folder), {
    code: 'path_refused',
    message: /no plain file/,
  });
});

test('cut or flipped anywhere, a tokenizer.json reads as a tokenizer or is a typed error', async (t) => {
  const folder = await copyOf(t, 'hf');
  const file = join(folder, 'tokenizer.json');
  const whole = await readFile(file);
  let refused = 0;
  for (let i = 0; i < 120; i++) {
    const at = (i * 2_654_435_761) % whole.length;
    const bytes = Buffer.from(i % 2 ? whole : whole.subarray(0, at));
    if (i % 2) bytes[at]! ^= 1 << (i % 8);
    await writeFile(file, bytes);
    try {
      createTokenizer(await readTokenizerFiles(folder)).encodeText('What is the total?');
    } catch (error) {
      assert.ok(error instanceof AppError, String(error));
      refused++;
    }
  }
  assert.ok(refused >= 100, `${refused} of 120 refused`);
});

function dropMerges(json: TokenizerJson): void {
  json.model.merges = json.model.merges.filter((merge) => !JSON.stringify(merge).includes('~'));
}

async function changedTokenizer(t: TestContext, change: (json: TokenizerJson) => unknown): Promise<string> {
  const folder = await copyOf(t, 'hf');
  const json = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'));
  change(json);
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
  return folder;
}

async function copyOf(t: TestContext, form: 'original' | 'hf'): Promise<string> {
  const folder = await emptyFolder(t);
  await cp(join(golden, form), folder, { recursive: true });
  return folder;
}

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
