/** The API server over the real service, engine and media: a picture read, a schema kept, tokens counted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import OpenAI from 'openai';
import { type ServedDemo, serveDemo } from '../support/serve-demo.ts';
import { worseCopyOf } from '../support/worse-copy.ts';

const root = join(import.meta.dirname, '../..');
const uri = `data:image/png;base64,${readFileSync(join(root, 'assets/samples/receipt.png')).toString('base64')}`;
const token = 'token-of-the-real-engine-test';
let served: ServedDemo;
let client: OpenAI;

before(async () => {
  served = await serveDemo(token);
  client = new OpenAI({ baseURL: served.url, apiKey: token, maxRetries: 0 });
});
after(() => served.stop());

const ask = (text: string): OpenAI.ChatCompletionMessageParam[] => [
  {
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url: uri } },
      { type: 'text', text },
    ],
  },
];

test('the demo model reads the receipt’s total, whole and streamed', async () => {
  const messages = ask('What is the total?');
  const whole = await client.chat.completions.create({ model: 'demo', messages, temperature: 0 });
  assert.equal(whole.choices[0]?.message.content, '84.78');
  assert.equal(whole.choices[0]?.finish_reason, 'stop');
  assert.ok((whole.usage?.prompt_tokens ?? 0) > 16);
  let text = '';
  const stream = await client.chat.completions.create({
    model: 'demo',
    messages,
    temperature: 0,
    stream: true,
  });
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  assert.equal(text, '84.78');
});

test('an answer held to a schema is of that schema, whatever the model would say', async () => {
  const answer = await client.chat.completions.create({
    model: 'demo',
    messages: ask('What is the total?'),
    temperature: 0,
    max_completion_tokens: 60,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'total',
        schema: {
          type: 'object',
          properties: { currency: { enum: ['EUR', 'USD'] } },
          required: ['currency'],
          additionalProperties: false,
        },
      },
    },
  });
  const value = JSON.parse(answer.choices[0]?.message.content ?? '') as { currency: string };
  assert.ok(['EUR', 'USD'].includes(value.currency));
});

test('several answers are streamed side by side, each under its index, with how likely each token was', async () => {
  const stream = await client.chat.completions.create({
    model: 'demo',
    messages: ask('What is the total?'),
    n: 3,
    temperature: 0,
    logprobs: true,
    top_logprobs: 4,
    stream: true,
  });
  const texts = ['', '', ''];
  const order: number[] = [];
  for await (const chunk of stream) {
    for (const { index, delta, logprobs } of chunk.choices) {
      texts[index] += delta.content ?? '';
      if (delta.content) order.push(index);
      for (const { token, logprob, top_logprobs: top } of logprobs?.content ?? []) {
        assert.ok(logprob <= 0 && top.length === 4);
        assert.equal(top[0]?.token, token, 'greedy takes the likeliest');
        assert.ok(top.every((each, at) => at === 0 || each.logprob <= top[at - 1]!.logprob));
        assert.ok(top.reduce((sum, each) => sum + Math.exp(each.logprob), 0) <= 1 + 1e-6);
      }
    }
  }
  assert.deepEqual(texts, ['84.78', '84.78', '84.78']);
  assert.deepEqual(new Set(order.slice(0, 3)), new Set([0, 1, 2]), 'none waits for another');
});

test('several answers come from one prompt, and an unknown model is named as such', async () => {
  const answer = await client.chat.completions.create({
    model: 'demo',
    messages: ask('What is the total?'),
    n: 3,
    temperature: 0.7,
    seed: 5,
  });
  assert.equal(answer.choices.length, 3);
  await assert.rejects(client.chat.completions.create({ model: 'no-such', messages: ask('x') }), {
    status: 404,
  });
});

test('over HTTP a rescaled, recompressed, cropped copy finds its original in at least 19 of 20', async (t) => {
  const folder = join(root, 'test/golden/held-out');
  const drawings = readFileSync(join(folder, 'held-out.jsonl'), 'utf8').trim().split('\n');
  const files = drawings
    .filter((_, at) => at % 5 === 0)
    .map((line) => join(folder, (JSON.parse(line) as { file: string }).file));
  assert.equal(files.length, 60);
  const copies = await Promise.all(files.map(worseCopyOf));
  const originals = await embed(files.map((file) => readFileSync(file)));
  const found = (await embed(copies)).filter((copy, index) => {
    const alike = originals.map((original) =>
      original.reduce((sum, value, at) => sum + value * copy[at]!, 0),
    );
    return alike.indexOf(Math.max(...alike)) === index;
  });
  t.diagnostic(`${found.length} of 60 copies found their original`);
  assert.ok(found.length >= 57, `${found.length} of 60`);
});

/** Vectors of pictures by the real client, which takes texts only: pictures go beside its types. */
async function embed(pictures: Buffer[]): Promise<number[][]> {
  const input = pictures.map((bytes) => ({
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${bytes.toString('base64')}` },
  })) as unknown as string[];
  const { data } = await client.embeddings.create({ model: 'demo', input });
  assert.deepEqual(
    data.map(({ index }) => index),
    [...pictures.keys()],
  );
  return data.map(({ embedding }) => embedding);
}
