/** What a request's fields come to: each is honoured or refused by name, none is passed over in silence. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import OpenAI from 'openai';
import { routes } from '../../main/service/api-server/routes.ts';
import { startApiServer } from '../../main/service/api-server/start-api-server.ts';
import { scriptedApiEngine } from '../support/scripted-api-engine.ts';

const token = 'a-token-of-this-test';
const picture = `data:image/png;base64,${Buffer.from('not looked at').toString('base64')}`;

async function start(t: TestContext) {
  const engine = scriptedApiEngine();
  const server = await startApiServer({ engine, token, port: 0, version: '0.0.0' });
  t.after(() => server.close());
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: token, maxRetries: 0 });
  return { engine, post, client };
}

const messages = [{ role: 'user', content: 'Hi' }];
/** The least that each route takes. */
const least: Record<string, object> = {
  '/v1/chat/completions': { messages },
  '/v1/completions': { prompt: 'Hi' },
  '/v1/responses': { input: 'Hi' },
  '/v1/messages': { messages, max_tokens: 9 },
  '/v1/messages/count_tokens': { messages },
  '/v1/embeddings': { input: 'Hi' },
  '/tokenize': { prompt: 'Hi' },
};

test('every route that takes a body refuses a field it does not know, and names it', async (t) => {
  const { post } = await start(t);
  const taking = routes.filter(({ body }) => body);
  assert.deepEqual(new Set(taking.map(({ path }) => path)), new Set(Object.keys(least)));
  for (const { path } of taking) {
    assert.equal((await post(path, least[path]!)).status, 200, path);
    const refused = await post(path, { ...least[path], no_such_field: 1 });
    assert.equal(refused.status, 400, path);
    assert.match(await refused.text(), /no_such_field/, path);
  }
});

test('a known field is refused where it asks for what is not done here, and taken where it asks for nothing', async (t) => {
  const { post } = await start(t);
  const chat = '/v1/chat/completions';
  const refused: [path: string, change: object][] = [
    [chat, { presence_penalty: 0.5 }],
    [chat, { frequency_penalty: 0.5 }],
    [chat, { logit_bias: { 50256: -100 } }],
    [chat, { store: true }],
    [chat, { modalities: ['text', 'audio'] }],
    [chat, { service_tier: 'priority' }],
    [chat, { messages: [{ ...messages[0], name: 'Anna' }] }],
    [chat, { tools: [{ type: 'function', function: { name: 'f', strict: true } }] }],
    ['/v1/completions', { suffix: 'end' }],
    ['/v1/completions', { best_of: 3 }],
    ['/v1/completions', { echo: true }],
    ['/v1/responses', { truncation: 'auto' }],
    ['/v1/responses', { reasoning: { effort: 'high' } }],
    ['/v1/responses', { previous_response_id: 'resp_1' }],
    ['/v1/responses', { include: ['file_search_call.results'] }],
    ['/v1/responses', { top_logprobs: 2 }],
    ['/v1/messages', { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['/v1/embeddings', { dimensions: 7 }],
    ['/v1/embeddings', { input: [[1, 2, 3]] }],
  ];
  for (const [path, change] of refused) {
    const { status } = await post(path, { ...least[path], ...change });
    assert.equal(status, 400, `${path} ${JSON.stringify(change)}`);
  }
  const taken: [path: string, change: object][] = [
    [chat, { presence_penalty: 0, frequency_penalty: 0, logit_bias: {}, store: false, user: 'anna' }],
    [chat, { messages: [...messages, { role: 'assistant', content: 'Yes', refusal: null }, ...messages] }],
    ['/v1/completions', { best_of: 2, n: 2 }],
    ['/v1/responses', { metadata: { run: '1' }, truncation: 'disabled', background: false }],
    [
      '/v1/messages',
      {
        metadata: { user_id: 'anna' },
        system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }],
      },
    ],
    ['/v1/embeddings', { dimensions: 2 }],
  ];
  for (const [path, change] of taken) {
    const { status } = await post(path, { ...least[path], ...change });
    assert.equal(status, 200, `${path} ${JSON.stringify(change)}`);
  }
});

test('one call alone is kept where several are not wanted', async (t) => {
  const { engine, client } = await start(t);
  const call = (city: string) => `<tool_call>\n{"name": "w", "arguments": {"city": "${city}"}}\n</tool_call>`;
  engine.script = [call('Oslo'), call('Rome')];
  const tools = [{ type: 'function' as const, function: { name: 'w' } }];
  const ask = async (parallel: boolean) => {
    const answer = await client.chat.completions.create({
      model: 'demo',
      messages: [{ role: 'user', content: 'Weather?' }],
      tools,
      parallel_tool_calls: parallel,
    });
    return answer.choices[0]?.message.tool_calls?.length;
  };
  assert.equal(await ask(true), 2);
  assert.equal(await ask(false), 1);
});

test('responses tell how likely their tokens were, whole and streamed, and only when asked', async (t) => {
  const { engine, client } = await start(t);
  const wish = {
    model: 'demo',
    input: 'Hi',
    top_logprobs: 2,
    include: ['message.output_text.logprobs' as const],
  };
  const whole = await client.responses.create(wish);
  const part = whole.output[0]?.type === 'message' ? whole.output[0].content[0] : undefined;
  assert.ok(part?.type === 'output_text');
  assert.deepEqual(
    part.logprobs?.map(({ token: text }) => text),
    ['Hello', ' from', ' here'],
  );
  assert.ok(part.logprobs.every(({ top_logprobs: top, logprob }) => top.length === 2 && logprob <= 0));
  const streamed: string[] = [];
  for await (const event of await client.responses.create({ ...wish, stream: true })) {
    if (event.type === 'response.output_text.delta')
      streamed.push(...event.logprobs.map((each) => each.token));
    if (event.type === 'response.output_text.done') assert.equal(event.logprobs.length, 3);
  }
  assert.deepEqual(streamed, ['Hello', ' from', ' here']);
  assert.equal(engine.questions[0]?.sampling.topLogprobs, 2);
  const without = await client.responses.create({ model: 'demo', input: 'Hi' });
  assert.doesNotMatch(JSON.stringify(without.output), /"logprob"/);
});

test('embeddings come as numbers and as base64, of texts and of pictures', async (t) => {
  const { client, post } = await start(t);
  const numbers = await client.embeddings.create({
    model: 'demo',
    input: ['a', 'b'],
    encoding_format: 'float',
  });
  assert.deepEqual(
    numbers.data.map(({ index }) => index),
    [0, 1],
  );
  const close = (found: readonly number[] | undefined, expected: number[]) =>
    assert.ok(found?.length === 2 && expected.every((value, at) => Math.abs(value - found[at]!) < 1e-6));
  close(numbers.data[0]?.embedding, [0.6, 0.8]);
  // The client asks for base64 by itself where nothing is said, and unpacks it.
  close((await client.embeddings.create({ model: 'demo', input: 'a' })).data[0]?.embedding, [0.6, 0.8]);
  const input = ['a', { type: 'image_url', image_url: { url: picture } }];
  const mixed = (await (await post('/v1/embeddings', { input })).json()) as OpenAI.CreateEmbeddingResponse;
  close(mixed.data[1]?.embedding, [-0.6, 0.8]);
});

test('each key, program and person has turns and memory of its own', async (t) => {
  const { engine, post } = await start(t);
  const ask = async (body: object, agent: string) => {
    await post('/v1/chat/completions', { messages, ...body }, { 'user-agent': agent });
    return engine.questions.at(-1)!.owner;
  };
  const first = await ask({}, 'one');
  assert.match(first, /^api:[0-9a-f]{40}$/);
  assert.equal(await ask({ temperature: 0 }, 'one'), first);
  const others = [
    await ask({}, 'two'),
    await ask({ user: 'anna' }, 'one'),
    await ask({ user: 'ben' }, 'one'),
  ];
  assert.equal(new Set([first, ...others]).size, 4);
});
