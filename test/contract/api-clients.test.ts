/** The server as the clients people use see it: OpenAI's, Anthropic's, LangChain's and the AI SDK's own packages. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { startApiServer } from '../../main/service/api-server/start-api-server.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type ScriptedApiEngine, scriptedApiEngine } from '../support/scripted-api-engine.ts';

const token = 'a-token-of-this-test';
const receipt = readFileSync(join(import.meta.dirname, '../../assets/samples/receipt.png'));
const receiptUri = `data:image/png;base64,${receipt.toString('base64')}`;
const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};
const callScript = [
  '<tool',
  '_call>\n{"name": "get_wea',
  'ther", "arguments": {"city": "Oslo"}}\n</tool_',
  'call>',
];

async function start(t: TestContext): Promise<{ engine: ScriptedApiEngine; url: string }> {
  const engine = scriptedApiEngine();
  const server = await startApiServer({ engine, token, port: 0, version: '0.0.0' });
  t.after(() => server.close());
  return { engine, url: server.url };
}

const openAi = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
const anthropic = (url: string) => new Anthropic({ baseURL: url, apiKey: token, maxRetries: 0 });

test('openai: chat, with usage and a picture that arrives byte by byte', async (t) => {
  const { engine, url } = await start(t);
  const answer = await openAi(url).chat.completions.create({
    model: 'demo',
    messages: [
      { role: 'system', content: 'Be short.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is the total?' },
          { type: 'image_url', image_url: { url: receiptUri, detail: 'low' } },
        ],
      },
    ],
    temperature: 0,
    seed: 7,
    stop: ['END'],
  });
  assert.equal(answer.choices[0]?.message.content, 'Hello from here');
  assert.equal(answer.choices[0]?.finish_reason, 'stop');
  assert.deepEqual(answer.usage, { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 });
  const [question] = engine.questions;
  assert.equal(question?.sampling.seed, 7);
  assert.deepEqual(question?.sampling.stopStrings, ['END']);
  const file = question?.messages[1]?.parts[1];
  assert.ok(file?.type === 'file' && file.maxTiles === 6);
  assert.deepEqual(Buffer.from(file.bytes), receipt);
});

test('openai: streamed text, several choices, the limit of tokens, and usage at the end', async (t) => {
  const { url } = await start(t);
  const stream = await openAi(url).chat.completions.create({
    model: 'demo',
    messages: [{ role: 'user', content: 'Hi' }],
    n: 2,
    max_completion_tokens: 3,
    stream: true,
    stream_options: { include_usage: true },
  });
  const texts = ['', ''];
  const finishes: (string | null)[] = [];
  let total = 0;
  for await (const chunk of stream) {
    for (const { index, delta, finish_reason } of chunk.choices) {
      texts[index] += delta.content ?? '';
      if (finish_reason) finishes.push(finish_reason);
    }
    total = chunk.usage?.total_tokens ?? total;
  }
  assert.deepEqual(texts, ['Hello from here', 'Hello from here']);
  assert.deepEqual(finishes, ['length', 'length']);
  assert.equal(total, 18);
});

test('openai: how likely the tokens were, whole, streamed, beside a call, and in the older shape', async (t) => {
  const { engine, url } = await start(t);
  const client = openAi(url);
  const request = {
    model: 'demo',
    messages: [{ role: 'user' as const, content: 'Hi' }],
    logprobs: true,
    top_logprobs: 2,
  };
  const expected = ['Hello', ' from', ' here'].map((token) => {
    const shape = { token, logprob: -0.25, bytes: Array.from(Buffer.from(token)) };
    return { ...shape, top_logprobs: [shape, { token: 'x1', logprob: -0.5, bytes: [120, 49] }] };
  });
  const whole = await client.chat.completions.create(request);
  assert.deepEqual(whole.choices[0]?.logprobs?.content, expected);
  const streamed = [];
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    for (const { delta, logprobs } of chunk.choices) {
      if (logprobs?.content) assert.equal(logprobs.content[0]?.token, delta.content, 'told with their text');
      streamed.push(...(logprobs?.content ?? []));
    }
  }
  assert.deepEqual(streamed, expected);
  const plain = await client.chat.completions.create({ ...request, logprobs: false, top_logprobs: null });
  assert.equal(plain.choices[0]?.logprobs, null);
  const older = await client.completions.create({ model: 'demo', prompt: 'Hi', logprobs: 1 });
  assert.deepEqual(older.choices[0]?.logprobs, {
    tokens: ['Hello', ' from', ' here'],
    token_logprobs: [-0.25, -0.25, -0.25],
    top_logprobs: [{ Hello: -0.25 }, { ' from': -0.25 }, { ' here': -0.25 }],
    text_offset: [0, 5, 10],
  });
  engine.script = callScript;
  const tools = [{ type: 'function' as const, function: weather }];
  const called = await client.chat.completions.create({ ...request, tools });
  assert.equal(called.choices[0]?.message.tool_calls?.length, 1);
  assert.equal(
    called.choices[0]?.logprobs?.content?.length,
    callScript.length,
    'a call’s tokens are told too',
  );
});

test('openai: a tool is told, called and answered', async (t) => {
  const { engine, url } = await start(t);
  engine.script = callScript;
  const tools = [{ type: 'function' as const, function: weather }];
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather in Oslo?' }];
  const first = await openAi(url).chat.completions.create({ model: 'demo', messages, tools });
  const [call] = first.choices[0]?.message.tool_calls ?? [];
  assert.ok(call?.type === 'function');
  assert.equal(first.choices[0]?.finish_reason, 'tool_calls');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Oslo' });
  assert.match(JSON.stringify(engine.questions[0]?.messages[0]), /get_weather/);

  engine.script = ['Rain.'];
  messages.push(first.choices[0]!.message, { role: 'tool', tool_call_id: call.id, content: 'rain' });
  const second = await openAi(url).chat.completions.create({ model: 'demo', messages, tools });
  assert.equal(second.choices[0]?.message.content, 'Rain.');
  const turns = JSON.stringify(engine.questions[1]?.messages);
  assert.match(turns, /<tool_call>/);
  assert.match(turns, /<tool_response>\\nrain\\n<\/tool_response>/);
});

test('openai: a schema reaches the engine, from chat and from responses', async (t) => {
  const { engine, url } = await start(t);
  const schema = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
  await openAi(url).chat.completions.create({
    model: 'demo',
    messages: [{ role: 'user', content: 'Total?' }],
    response_format: { type: 'json_schema', json_schema: { name: 'total', schema, strict: true } },
  });
  await openAi(url).responses.create({
    model: 'demo',
    input: 'Total?',
    text: { format: { type: 'json_schema', name: 'total', schema, strict: true } },
  });
  for (const { sampling } of engine.questions) {
    assert.deepEqual(sampling.answerFormat, { type: 'json-schema', schema });
  }
  assert.equal(engine.questions.length, 2);
});

test('openai: faults keep their status, code and sentence', async (t) => {
  const { engine, url } = await start(t);
  const ask = (change: object) =>
    openAi(url).chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Hi' }],
      ...change,
    });
  await assert.rejects(ask({ model: 'other' }), { status: 404, code: 'not_found' });
  await assert.rejects(ask({ n: 9 }), { status: 400, code: 'invalid_request' });
  await assert.rejects(ask({ top_logprobs: 3 }), { status: 400, code: 'invalid_request' });
  await assert.rejects(ask({ logprobs: true, top_logprobs: 21 }), { status: 400 });
  await assert.rejects(ask({ response_format: { type: 'json_schema', json_schema: {} } }), { status: 400 });
  await assert.rejects(
    ask({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://x/a.png' } }] }],
    }),
    { status: 400 },
  );
  engine.fault = new AppError('context_too_long', 'Too long: 5000 of 4096 tokens.');
  await assert.rejects(ask({}), { status: 400, code: 'context_length_exceeded' });
  await assert.rejects(ask({ stream: true }), { status: 400, code: 'context_length_exceeded' });
  const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 });
  await assert.rejects(stranger.models.list(), { status: 401 });
});

test('openai: leaving a stream cancels the answer', async (t) => {
  const { engine, url } = await start(t);
  engine.pauseMs = 30;
  engine.script = Array.from({ length: 200 }, () => 'x');
  const stop = new AbortController();
  const stream = await openAi(url).chat.completions.create(
    { model: 'demo', messages: [{ role: 'user', content: 'Hi' }], stream: true },
    { signal: stop.signal },
  );
  for await (const _ of stream) stop.abort();
  for (let waited = 0; engine.cancelled === 0 && waited < 2000; waited += 20) await sleep(20);
  assert.equal(engine.cancelled, 1);
});

test('openai: models, completions and responses, whole and streamed', async (t) => {
  const { engine, url } = await start(t);
  const client = openAi(url);
  const models = await client.models.list();
  assert.equal(models.data[0]?.id, 'demo');
  const completion = await client.completions.create({ model: 'demo', prompt: 'Hi' });
  assert.equal(completion.choices[0]?.text, 'Hello from here');
  const response = await client.responses.create({
    model: 'demo',
    instructions: 'Be short.',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What?' },
          { type: 'input_image', image_url: receiptUri, detail: 'auto' },
        ],
      },
    ],
  });
  assert.equal(response.output_text, 'Hello from here');
  assert.equal(response.status, 'completed');
  const types: string[] = [];
  let text = '';
  for await (const event of await client.responses.create({ model: 'demo', input: 'Hi', stream: true })) {
    types.push(event.type);
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  assert.equal(text, 'Hello from here');
  assert.equal(types[0], 'response.created');
  assert.equal(types.at(-1), 'response.completed');
  engine.script = callScript;
  const called = await client.responses.create({
    model: 'demo',
    input: 'Weather?',
    tools: [{ type: 'function', ...weather, strict: false }],
  });
  assert.equal(called.output[0]?.type, 'function_call');
});

test('anthropic: message, picture, stream, tool, count and faults', async (t) => {
  const { engine, url } = await start(t);
  const client = anthropic(url);
  const message = await client.messages.create({
    model: 'demo',
    max_tokens: 50,
    system: 'Be short.',
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: receipt.toString('base64') },
          },
          { type: 'text', text: 'What is the total?' },
        ],
      },
    ],
  });
  assert.deepEqual(message.content, [{ type: 'text', text: 'Hello from here' }]);
  assert.equal(message.stop_reason, 'end_turn');
  const file = engine.questions[0]?.messages[1]?.parts[0];
  assert.ok(file?.type === 'file' && file.bytes.length === receipt.length);

  const ask = { model: 'demo', max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hi' }] };
  const stream = client.messages.stream(ask);
  let text = '';
  stream.on('text', (piece) => {
    text += piece;
  });
  assert.equal((await stream.finalMessage()).usage.output_tokens, 3);
  assert.equal(text, 'Hello from here');

  engine.script = callScript;
  const tools = [{ name: weather.name, description: weather.description, input_schema: weather.parameters }];
  const called = await client.messages.create({ ...ask, tools });
  assert.equal(called.stop_reason, 'tool_use');
  assert.ok(called.content[0]?.type === 'tool_use');
  assert.deepEqual(called.content[0].input, { city: 'Oslo' });
  const streamed = await client.messages.stream({ ...ask, tools }).finalMessage();
  assert.ok(streamed.content[0]?.type === 'tool_use');

  const { input_tokens } = await client.messages.countTokens({ model: 'demo', messages: ask.messages });
  assert.equal(input_tokens, 2);
  await assert.rejects(client.messages.create({ ...ask, model: 'other' }), { status: 404 });
  await assert.rejects(client.messages.create({ ...ask, max_tokens: 0 }), { status: 400 });
});

test('langchain: invoke, stream, picture and bound tool', async (t) => {
  const { engine, url } = await start(t);
  const chat = new ChatOpenAI({
    model: 'demo',
    apiKey: token,
    maxRetries: 0,
    configuration: { baseURL: `${url}/v1` },
  });
  const message = new HumanMessage({
    content: [
      { type: 'text', text: 'What?' },
      { type: 'image_url', image_url: { url: receiptUri } },
    ],
  });
  assert.equal((await chat.invoke([message])).content, 'Hello from here');
  let text = '';
  for await (const chunk of await chat.stream('Hi')) text += chunk.content;
  assert.equal(text, 'Hello from here');
  engine.script = callScript;
  const called = await chat.bindTools([{ type: 'function', function: weather }]).invoke('Weather?');
  assert.deepEqual(called.tool_calls?.[0]?.args, { city: 'Oslo' });
});

test('ai sdk: generate, stream, picture, tool and abort', async (t) => {
  const { engine, url } = await start(t);
  const model = createOpenAICompatible({ name: 'local', baseURL: `${url}/v1`, apiKey: token })('demo');
  const { text } = await generateText({
    model,
    maxRetries: 0,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What?' },
          { type: 'file', data: new Uint8Array(receipt), mediaType: 'image/png' },
        ],
      },
    ],
  });
  assert.equal(text, 'Hello from here');
  const streamed = streamText({ model, maxRetries: 0, prompt: 'Hi' });
  let all = '';
  for await (const piece of streamed.textStream) all += piece;
  assert.equal(all, 'Hello from here');
  engine.script = callScript;
  const { toolCalls } = await generateText({
    model,
    maxRetries: 0,
    prompt: 'Weather?',
    tools: { get_weather: tool({ description: 'Weather', inputSchema: jsonSchema(weather.parameters) }) },
  });
  assert.deepEqual(toolCalls[0]?.input, { city: 'Oslo' });
});
