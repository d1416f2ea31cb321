/** Whatever the logits say, an answer held to a form is of that form. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { createFormatCompiler, type FormatCompiler } from '../../native-models/inference/answer-format.ts';
import type { AnswerFormat } from '../../native-models/inference/generation-types.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { sampleToken } from '../../native-models/inference/sampler.ts';
import { loadTokenizer, type Tokenizer } from '../../native-models/text/tokenizer.ts';

let tokenizer: Tokenizer;
let compiler: FormatCompiler;
before(async () => {
  tokenizer = await loadTokenizer(join(import.meta.dirname, '../../assets/embedded-model'));
  compiler = await createFormatCompiler(tokenizer);
});

/** Writes with random logits until a stop token; a leaning towards closing marks keeps it short. */
async function write(format: AnswerFormat, seed: number, mostTokens = 400): Promise<string | null> {
  const random = createRandom(seed);
  const matcher = await compiler.startAnswer(format);
  const bytes: Uint8Array[] = [];
  const closing = ['"', '}', ']', ',', ':'].flatMap((mark) => tokenizer.encodeText(mark));
  try {
    for (let count = 0; count < mostTokens; count++) {
      const logits = Float32Array.from({ length: tokenizer.vocabularySize }, () => random() * 3);
      for (const id of [...closing, ...tokenizer.stopIds]) logits[id]! += 3;
      await matcher.maskLogits(logits);
      const id = sampleToken(logits, { temperature: 1, topK: 0, topP: 1, minP: 0 }, random);
      if (tokenizer.stopIds.includes(id)) return Buffer.concat(bytes).toString('utf8');
      matcher.accept(id);
      bytes.push(tokenizer.tokenBytes(id));
    }
    return null;
  } finally {
    matcher.close();
  }
}

test('random logits write valid JSON', async () => {
  let whole = 0;
  for (let seed = 0; seed < 20; seed++) {
    const text = await write({ type: 'json' }, seed);
    if (text === null) continue;
    JSON.parse(text);
    whole += 1;
  }
  assert.ok(whole >= 10, `only ${whole} answers came to an end`);
});

test('random logits write what a schema asks for, and nothing else', async () => {
  const schema = {
    type: 'object',
    properties: {
      total: { type: 'number' },
      currency: { enum: ['EUR', 'USD'] },
      items: { type: 'array', items: { type: 'string', maxLength: 5 }, maxItems: 2 },
    },
    required: ['total', 'currency', 'items'],
    additionalProperties: false,
  };
  let whole = 0;
  for (let seed = 0; seed < 20; seed++) {
    const text = await write({ type: 'json-schema', schema }, seed);
    if (text === null) continue;
    const value = JSON.parse(text) as { total: unknown; currency: string; items: string[] };
    assert.deepEqual(Object.keys(value), ['total', 'currency', 'items']);
    assert.equal(typeof value.total, 'number');
    assert.ok(['EUR', 'USD'].includes(value.currency));
    assert.ok(value.items.length <= 2);
    whole += 1;
  }
  assert.ok(whole >= 10, `only ${whole} answers came to an end`);
});

test('random logits write what an expression matches', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const text = await write({ type: 'regex', pattern: '[0-9]{2}\\.[0-9]{2}\\.(19|20)[0-9]{2}' }, seed);
    assert.match(text ?? '', /^\d{2}\.\d{2}\.(19|20)\d{2}$/);
  }
});

test('without the mask the same logits write no JSON, so the tests above can fail', () => {
  const random = createRandom(0);
  const ids = Array.from({ length: 50 }, () => Math.floor(random() * tokenizer.vocabularySize));
  const text = Buffer.concat(ids.map((id) => tokenizer.tokenBytes(id))).toString('utf8');
  assert.throws(() => JSON.parse(text) as unknown);
});

test('what can’t be held to is refused with a sentence, and the next form works', async () => {
  for (const format of [
    { type: 'json-schema', schema: { type: 'no such type' } },
    { type: 'regex', pattern: '([' },
    { type: 'json-schema', schema: { enum: ['x'.repeat(200_000)] } },
  ] as const) {
    await assert.rejects(compiler.startAnswer(format), { code: 'invalid_request' });
  }
  assert.notEqual(await write({ type: 'regex', pattern: 'ok' }, 1), null);
});
