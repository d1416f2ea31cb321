/** The SentencePiece tokenizer against Python's sentencepiece, on a seeded model of each kind of blank. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { buildPrompt } from '../../native-models/text/prompt.ts';
import { parseSentencePieceModel } from '../../native-models/text/sentencepiece-model.ts';
import { createStreamingDetokenizer } from '../../native-models/text/streaming-detokenizer.ts';
import { createTokenizer, loadTokenizer } from '../../native-models/text/tokenizer.ts';
import { readTokenizerFiles } from '../../native-models/text/tokenizer-files.ts';
import { buildTokenizerJson } from '../../native-models/text/tokenizer-json.ts';
import { goldenFolder } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Line {
  text: string;
  ids: number[];
}

const folderOf = (name: string) => join(goldenFolder, 'text', name);
const linesOf = (name: string) =>
  JSON.parse(readFileSync(join(folderOf(name), 'encodings.json'), 'utf8')) as Line[];

for (const name of ['sentencepiece', 'sentencepiece-squeezing']) {
  test(`${name}: every line gets the ids that Python's sentencepiece gives it`, async () => {
    const tokenizer = await loadTokenizer(folderOf(name));
    const lines = linesOf(name);
    assert.ok(lines.length >= 200);
    for (const { text, ids } of lines) assert.deepEqual(tokenizer.encodeText(text), ids, JSON.stringify(text));
    // The lines ask for what matters: bytes for unknown characters, Chinese, emoji, runs of blanks.
    const seen = lines.map(({ text }) => text).join('');
    for (const sample of ['😀', '模型', '한국어', '龘', '   ', '\n\n', '<0x41>', '</s>']) assert.ok(seen.includes(sample), sample);
  });

  test(`${name}: what is written into a model folder reads back the same`, async (t) => {
    const files = await readTokenizerFiles(folderOf(name));
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(buildTokenizerJson(files, files.addedTokens)));
    const again = await readTokenizerFiles(folder);
    assert.deepEqual(again, files);
    const tokenizer = createTokenizer(again);
    for (const { text, ids } of linesOf(name)) assert.deepEqual(tokenizer.encodeText(text), ids);
  });

  test(`${name}: bytes of the tokens, joined, are the text`, async () => {
    const tokenizer = await loadTokenizer(folderOf(name));
    const { sentencePiece } = await readTokenizerFiles(folderOf(name));
    for (const { text, ids } of linesOf(name)) {
      const bytes = Buffer.concat(ids.map((id) => tokenizer.tokenBytes(id)));
      const expected = sentencePiece!.squeezesBlanks ? null : text.replaceAll('▁', ' ');
      const blanks = /<\/?(ref|box|quad)>/.test(text) ? null : expected; // each stretch has a blank of its own
      if (blanks !== null) assert.equal(bytes.toString('utf8'), text === '' ? '' : ` ${blanks}`);
    }
  });
}

test('the comparison notices merges in another order (negative control)', async () => {
  const files = await readTokenizerFiles(folderOf('sentencepiece'));
  const tokenizer = createTokenizer({ ...files, merges: files.merges.toReversed() });
  const same = linesOf('sentencepiece').filter(({ text, ids }) => `${tokenizer.encodeText(text)}` === `${ids}`);
  assert.ok(same.length < linesOf('sentencepiece').length / 2, `${same.length} lines are the same`);
});

test('a prompt begins with <s>, and an answer ends at <|im_end|> or </s>', async () => {
  const tokenizer = await loadTokenizer(folderOf('sentencepiece'));
  const { imStart, imEnd, endOfText } = tokenizer.control;
  assert.deepEqual(tokenizer.stopIds, [imEnd, endOfText]);
  const { ids } = buildPrompt(tokenizer, [{ role: 'user', parts: [{ type: 'text', text: 'the number' }] }]);
  assert.deepEqual([ids[0], ids[1]], [1, imStart]);
  assert.equal(tokenizer.tokenBytes(1).length, 0);
});

test('a checkpoint that says so begins no prompt with <s>', async (t) => {
  const folder = await copyOf(t);
  const path = join(folder, 'tokenizer_config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...config, add_bos_token: false }));
  assert.deepEqual((await loadTokenizer(folder)).promptStart, []);
});

test('the blank in front of every text does not show in an answer', async () => {
  const tokenizer = await loadTokenizer(folderOf('sentencepiece'));
  assert.ok(tokenizer.marksFirstBlank);
  const shown = (text: string, dropsFirstBlank: boolean) => {
    const detokenizer = createStreamingDetokenizer(tokenizer, { dropsFirstBlank });
    return tokenizer.encodeText(text).map(detokenizer.push).join('') + detokenizer.flush();
  };
  for (const text of ['the number', ' the number', '模型 😀', '龘', '\n']) {
    assert.equal(shown(text, true), text);
    assert.equal(shown(text, false), ` ${text}`);
  }
});

test('neither control tokens nor the places kept free for them come out of a text', async () => {
  const tokenizer = await loadTokenizer(folderOf('sentencepiece'));
  const contents = ['<s>', '</s>', '<unk>', '<|im_end|>', '<|im_start|>', '<img>', '<IMG_CONTEXT>', '[UNUSED_TOKEN_0]', '[UNUSED_TOKEN_1]'];
  for (const content of contents) {
    for (const id of tokenizer.encodeText(`a ${content} b`)) assert.ok(!tokenizer.isControl(id), content);
  }
});

test('a tokenizer.model that is none, or of another kind, is refused by name', async (t) => {
  const bytes = readFileSync(join(folderOf('sentencepiece'), 'tokenizer.model'));
  const refused: [what: string, changed: Uint8Array, code: string][] = [
    ['a text', new TextEncoder().encode('no model'), 'checkpoint_broken'],
    ['cut short', bytes.subarray(0, 5000), 'checkpoint_broken'],
    ['empty', new Uint8Array(0), 'checkpoint_unsupported'],
    ['a unigram model', Buffer.concat([bytes, trainerSpec([24, 1])]), 'checkpoint_unsupported'],
    ['one without byte fallback', Buffer.concat([bytes, trainerSpec([0x98, 2, 0])]), 'checkpoint_unsupported'],
    ['one that rewrites characters', Buffer.concat([bytes, Uint8Array.of(26, 3, 18, 1, 65)]), 'checkpoint_unsupported'],
  ];
  for (const [what, changed, code] of refused) {
    assert.throws(() => parseSentencePieceModel(changed, new Set()), { name: 'AppError', code }, what);
  }
  const folder = await copyOf(t);
  writeFileSync(join(folder, 'tokenizer.model'), 'no model');
  await assert.rejects(loadTokenizer(folder), { code: 'checkpoint_broken' });
});

/** Field 2 of the model again: a reader takes the last word. */
const trainerSpec = (body: number[]) => Uint8Array.of(18, body.length, ...body);

async function copyOf(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  cpSync(folderOf('sentencepiece'), folder, { recursive: true });
  return folder;
}
