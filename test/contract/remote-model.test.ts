/** A model on another machine: what is sent in each server's words, what comes back, and what a server may do wrong. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationEvent, GenerationRequest } from '../../native-models/inference/generation-types.ts';
import { wholePicture } from '../../native-models/media/whole-picture.ts';
import { openRemoteModel } from '../../native-models/remote/remote-model.ts';
import { usualLimits } from '../../native-models/remote/server-limits.ts';
import { AppError } from '../../preload/contract/errors.ts';
import {
  beginStream,
  type Misbehaviour,
  type MockServed,
  refuse,
  sendEvent,
  sendJson,
  startMockModelServer,
  textChunk,
} from '../support/mock-model-server.ts';

const limits = {
  ...usualLimits,
  shortAnswerMs: 400,
  firstEventMs: 400,
  silenceMs: 250,
  eventBytes: 10_000,
  answerBytes: 100_000,
  firstWaitMs: 5,
  longestWaitMs: 60,
};
const key = 'sk-the-secret-key';

async function start(t: TestContext, served: MockServed = {}) {
  const server = await startMockModelServer({ key, ...served });
  t.after(() => server.close());
  const model = await openRemoteModel({ url: server.origin, model: null, key }, { limits });
  t.after(() => model.close());
  return { server, model };
}

const question = (text: string): GenerationRequest['messages'] => [
  { role: 'user', parts: [{ type: 'text', text }] },
];
const hello: GenerationRequest = { messages: question('Hello?') };

async function gather(events: AsyncIterable<GenerationEvent>): Promise<GenerationEvent[]> {
  const all: GenerationEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function ask(model: Awaited<ReturnType<typeof openRemoteModel>>, request: GenerationRequest = hello) {
  const events = await gather(model.generate(request, new AbortController().signal));
  const end = events.find((event) => event.type === 'end');
  assert.ok(end, 'the answer ended');
  return { events, end };
}

/** A picture of one colour, uncut. */
function picture(width = 8, height = 6, maxTiles = 12) {
  const pixels = new Uint8Array(width * height * 3).fill(90);
  const tiling = { tileSize: 448, minTiles: 1, maxTiles, useThumbnail: true };
  return wholePicture({ width, height, pixels }, tiling);
}

const twoPictures: GenerationRequest = {
  messages: [
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'Image-1: ' },
        { type: 'pictures', pictures: [picture()] },
        { type: 'text', text: '\nImage-2: ' },
        { type: 'pictures', pictures: [picture(6, 6, 4)] },
        { type: 'text', text: '\nIs <image> or <IMAGE_TOKEN> a place?' },
      ],
    },
  ],
};

interface SentPart {
  type: string;
  text?: string;
  image_url?: { url: string; max_dynamic_patch?: number };
}

async function sentFor(t: TestContext, served: MockServed, request: GenerationRequest) {
  const { server, model } = await start(t, served);
  await ask(model, request);
  const { body } = server.requests.at(-1)!;
  const messages = body.messages as { role: string; content: string | SentPart[] }[];
  return { body, messages, parts: messages.at(-1)!.content as SentPart[] };
}

const isCode = (code: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  assert.ok(
    !error.message.includes(key) && !error.message.includes('Hello'),
    'no key and no question in the sentence',
  );
  return true;
};

test('an answer streams word by word with its ids, its counts and the server’s own reason to stop', async (t) => {
  const { model } = await start(t);
  const { events, end } = await ask(model);
  const said = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
  assert.deepEqual(said, ['The ', 'cat ', 'sleeps.']);
  assert.equal(end.text, 'The cat sleeps.');
  assert.deepEqual(end.tokenIds, [100, 101, 102]);
  assert.equal(end.stopReason, 'eos');
  assert.deepEqual(end.counts, { promptTokens: 21, newTokens: 3 });
  assert.equal(end.timings.reusedPromptTokens, 8);
  assert.ok(end.timings.firstTokenMs > 0);
});

test('a model says where it is, what is sent there and what its server can’t do', async (t) => {
  const { model } = await start(t, { ownedBy: 'somebody', model: 'internvl', contextLength: null });
  const { description } = model;
  assert.deepEqual(description.remote?.server, 'an OpenAI-compatible server');
  assert.match(description.device, /^remote:127\.0\.0\.1:\d+$/);
  assert.match(description.notes[0]!, /are sent to 127\.0\.0\.1:\d+\.$/);
  assert.ok(description.notes.some((note) => note.includes('regular expression')));
  assert.ok(description.notes.some((note) => note.includes('32768 tokens are assumed')));
  assert.throws(() => model.encodeText('a'), isCode('invalid_request'));
});

test('what decides an answer is sent in the words of each server', async (t) => {
  const generation = {
    temperature: 0.5,
    topK: 5,
    minP: 0.1,
    repetitionPenalty: 1.2,
    seed: 7,
    maxNewTokens: 9,
  };
  const common = { max_tokens: 9, temperature: 0.5, top_p: 1, top_k: 5, min_p: 0.1, seed: 7, stream: true };
  const words = {
    lmdeploy: { ...common, repetition_penalty: 1.2, skip_special_tokens: false, return_token_ids: true },
    vllm: { ...common, repetition_penalty: 1.2, skip_special_tokens: false, return_token_ids: true },
    sglang: { ...common, repetition_penalty: 1.2, skip_special_tokens: false, return_token_ids: true },
    llamacpp: { ...common, repeat_penalty: 1.2 },
  };
  for (const [ownedBy, expected] of Object.entries(words)) {
    const { body } = await sentFor(t, { ownedBy }, { ...hello, generation });
    assert.deepEqual({ ...body, ...expected }, body, ownedBy);
    assert.equal(body.model, 'OpenGVLab/InternVL3-78B');
  }
  const { body } = await sentFor(t, { ownedBy: 'somebody' }, { ...hello, generation: { seed: 7 } });
  assert.ok(
    !('top_k' in body) && !('skip_special_tokens' in body),
    'an unknown server gets OpenAI’s words alone',
  );
});

test('a server’s own defaults don’t decide: likeliest token, all of them, no penalty', async (t) => {
  const { body } = await sentFor(t, { ownedBy: 'vllm' }, hello);
  const { temperature, top_p, top_k, min_p, repetition_penalty, max_tokens } = body;
  assert.deepEqual(
    { temperature, top_p, top_k, min_p, repetition_penalty, max_tokens },
    { temperature: 0, top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1, max_tokens: 1024 },
  );
});

test('LMDeploy gets each picture’s place in the text and its most tiles beside it', async (t) => {
  const { parts } = await sentFor(t, { ownedBy: 'lmdeploy' }, twoPictures);
  assert.equal(
    parts[0]!.text,
    'Image-1: <IMAGE_TOKEN>\nImage-2: <IMAGE_TOKEN>\nIs <image> or < IMAGE_TOKEN> a place?',
  );
  assert.deepEqual(
    parts.slice(1).map(({ image_url: image }) => image?.max_dynamic_patch),
    [12, 4],
  );
});

test('vLLM gets <image> in the text and one limit of tiles for all pictures', async (t) => {
  const { parts, body } = await sentFor(t, { ownedBy: 'vllm' }, twoPictures);
  assert.match(parts[0]!.text!, /^Image-1: <image>\nImage-2: <image>\nIs < image> or <IMAGE_TOKEN>/);
  assert.deepEqual(body.mm_processor_kwargs, { max_dynamic_patch: 12 });
  assert.ok(parts.slice(1).every(({ image_url: image }) => !('max_dynamic_patch' in image!)));
});

test('servers that read parts in order, and the -hf layout, get pictures between the texts', async (t) => {
  const served = [
    { ownedBy: 'sglang' },
    { ownedBy: 'llamacpp' },
    { ownedBy: 'vllm', model: 'OpenGVLab/InternVL3-8B-hf' },
  ];
  for (const each of served) {
    const { parts } = await sentFor(t, each, twoPictures);
    assert.deepEqual(
      parts.map(({ type }) => type),
      ['text', 'image_url', 'text', 'image_url', 'text'],
      JSON.stringify(each),
    );
    assert.equal(parts.at(-1)!.text, '\nIs <image> or <IMAGE_TOKEN> a place?');
  }
});

test('pictures go at their own size, as PNG without loss or as JPEG where they are large', async (t) => {
  const large: GenerationRequest = {
    messages: [
      { role: 'user', parts: [{ type: 'pictures', pictures: [picture(21, 13), picture(2500, 2000)] }] },
    ],
  };
  const { parts } = await sentFor(t, { ownedBy: 'sglang' }, large);
  const files = parts.map(({ image_url: image }) => Buffer.from(image!.url.split(',')[1]!, 'base64'));
  assert.ok(parts[0]!.image_url!.url.startsWith('data:image/png;base64,'));
  assert.deepEqual([files[0]!.readUInt32BE(16), files[0]!.readUInt32BE(20)], [21, 13]);
  assert.ok(parts[1]!.image_url!.url.startsWith('data:image/jpeg;base64,'));
  const frame = files[1]!.indexOf(Buffer.from([0xff, 0xc0]));
  assert.deepEqual([files[1]!.readUInt16BE(frame + 7), files[1]!.readUInt16BE(frame + 5)], [2500, 2000]);
});

test('several answers take one connection where the server writes them, and one each where it does not', async (t) => {
  for (const [ownedBy, connections] of [['vllm', 1] as const, ['lmdeploy', 3] as const]) {
    const { server, model } = await start(t, { ownedBy });
    const { events } = await ask(model, { ...hello, generation: { n: 3, seed: 40 } });
    const ends = events.filter((event) => event.type === 'end');
    assert.deepEqual(ends.map(({ choice }) => choice).sort(), [0, 1, 2], ownedBy);
    const asked = server.requests.filter(({ path }) => path.endsWith('completions'));
    assert.equal(asked.length, connections, ownedBy);
    assert.deepEqual(
      asked.map(({ body }) => body.seed),
      ownedBy === 'vllm' ? [40] : [40, 41, 42],
    );
  }
});

test('log-probabilities come with ids where the server gives them', async (t) => {
  const { model } = await start(t);
  const { events } = await ask(model, { ...hello, generation: { topLogprobs: 2 } });
  const weighed = events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
  assert.deepEqual(weighed[0], { id: 100, logprob: -0.25, bytes: [...Buffer.from('The ')], top: [] });
  assert.equal(weighed.length, 3);
});

test('llama.cpp is asked for one other token, since for none it weighs nothing, and that one is not passed on', async (t) => {
  const { server, model } = await start(t, { ownedBy: 'llamacpp' });
  server.misbehave((response, { body }) => {
    assert.deepEqual([body.logprobs, body.top_logprobs], [true, 1]);
    const other = { token: 'b', logprob: -2, bytes: [98] };
    const content = [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [other] }];
    beginStream(response);
    sendEvent(response, textChunk('a', { logprobs: { content }, finish_reason: 'stop' }));
    response.end();
  });
  const { events } = await ask(model, { ...hello, generation: { topLogprobs: 0 } });
  const weighed = events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
  assert.deepEqual(weighed, [{ logprob: -0.5, bytes: [97], top: [] }]);
});

test('a server without log-probabilities fails nobody who only weighs answers, and says so to whoever asks for them', async (t) => {
  const { server, model } = await start(t, { ownedBy: 'lmdeploy' });
  const words =
    'Logprobs(True)/top_logprobs(0) requested but not enabled logprobs_mode in engine configuration';
  server.misbehave((response, { body }) => {
    if (body.logprobs) return refuse(response, 400, words);
    beginStream(response);
    sendEvent(response, textChunk('fine', { finish_reason: 'stop' }));
    sendEvent(response, '[DONE]');
    response.end();
  });
  const { end } = await ask(model, { ...hello, generation: { topLogprobs: 0 } });
  assert.equal(end.text, 'fine');
  const asking = await startMockModelServer({ ownedBy: 'lmdeploy' });
  t.after(() => asking.close());
  asking.misbehave((response) => refuse(response, 400, words));
  const strict = await openRemoteModel({ url: asking.origin, model: null, key: null }, { limits });
  await assert.rejects(ask(strict, { ...hello, generation: { topLogprobs: 3 } }), isCode('invalid_request'));
});

test('a regular expression is put in each server’s words, and refused where it would pass unheard', async (t) => {
  const generation = { answerFormat: { type: 'regex', pattern: '[ab]+' } as const };
  const asked = { ...hello, generation };
  const vllm = await sentFor(t, { ownedBy: 'vllm' }, asked);
  assert.deepEqual(vllm.body.structured_outputs, { regex: '[ab]+' });
  const lmdeploy = await sentFor(t, { ownedBy: 'lmdeploy' }, asked);
  assert.deepEqual(lmdeploy.body.response_format, { type: 'regex_schema', regex_schema: '[ab]+' });
  const sglang = await sentFor(t, { ownedBy: 'sglang' }, asked);
  assert.equal(sglang.body.regex, '[ab]+');
  for (const served of [
    { ownedBy: 'llamacpp' },
    { ownedBy: 'somebody' },
    { ownedBy: 'vllm', version: '0.9.2' },
  ]) {
    const { model, server } = await start(t, served);
    await assert.rejects(ask(model, asked), isCode('invalid_request'), JSON.stringify(served));
    assert.ok(!server.requests.some(({ path }) => path.endsWith('completions')), 'nothing was sent');
  }
});

test('what no server can do is refused before anything is sent: V2PE, and sampling that OpenAI has no word for', async (t) => {
  const { model, server } = await start(t, { ownedBy: 'somebody' });
  await assert.rejects(ask(model, { ...hello, visualPositionStep: 0.25 }), isCode('invalid_request'));
  await assert.rejects(ask(model, { ...hello, generation: { topK: 3 } }), isCode('invalid_request'));
  await assert.rejects(ask(model, { ...hello, continueLastAnswer: true }), isCode('invalid_request'));
  assert.ok(!server.requests.some(({ path }) => path.endsWith('completions')));
});

test('an answer is gone on with as each server wants it', async (t) => {
  const begun: GenerationRequest = {
    messages: [...question('Count'), { role: 'assistant', parts: [{ type: 'text', text: 'One, ' }] }],
    continueLastAnswer: true,
  };
  const vllm = await sentFor(t, { ownedBy: 'vllm' }, begun);
  assert.equal(vllm.body.continue_final_message, true);
  assert.equal(vllm.body.add_generation_prompt, false);
  const sglang = await sentFor(t, { ownedBy: 'sglang' }, begun);
  assert.equal(sglang.body.continue_final_message, true);
  const lmdeploy = await sentFor(t, { ownedBy: 'lmdeploy' }, begun);
  assert.equal(lmdeploy.messages.at(-1)!.content, 'One, ');
});

test('thoughts that a server sends apart get their tags back, and the end of a turn is no text', async (t) => {
  const { server, model } = await start(t);
  server.misbehave((response) => {
    beginStream(response);
    sendEvent(response, textChunk('', { delta: { reasoning_content: 'Hm' } }));
    sendEvent(response, textChunk('', { delta: { reasoning: 'm.' } }));
    sendEvent(response, textChunk('Yes'));
    sendEvent(response, textChunk('.<|im'));
    sendEvent(response, textChunk('_end|>', { finish_reason: 'stop', stop_reason: 151_645 }));
    sendEvent(response, '[DONE]');
    response.end();
  });
  const { end } = await ask(model);
  assert.equal(end.text, '<think>\nHmm.\n</think>\n\nYes.');
  assert.equal(end.stopReason, 'eos');
});

test('a stop string that the server met, and a limit, are told as such', async (t) => {
  const { server, model } = await start(t);
  const endWith =
    (finish: string, stop: unknown): Misbehaviour =>
    (response) => {
      beginStream(response);
      sendEvent(response, textChunk('a', { finish_reason: finish, stop_reason: stop }));
      sendEvent(response, '[DONE]');
      response.end();
    };
  server.misbehave(endWith('stop', '###'));
  const stopped = await ask(model, { ...hello, generation: { stopStrings: ['###'] } });
  assert.equal(stopped.end.stopReason, 'stop-string');
  server.misbehave(endWith('length', null));
  assert.equal((await ask(model)).end.stopReason, 'length');
});

test('a stop closes the connection at once and keeps the text so far', async (t) => {
  const { server, model } = await start(t, {
    pauseMs: 30,
    words: Array.from({ length: 200 }, () => 'tick '),
  });
  const stop = new AbortController();
  const events: GenerationEvent[] = [];
  for await (const event of model.generate(hello, stop.signal)) {
    events.push(event);
    if (events.filter(({ type }) => type === 'text').length === 3) stop.abort();
  }
  const end = events.at(-1)!;
  assert.ok(end.type === 'end' && end.stopReason === 'aborted');
  assert.equal(end.text, 'tick tick tick ');
  for (let tries = 0; server.cutOff === 0 && tries < 50; tries++) await sleep(10);
  assert.equal(server.cutOff, 1, 'the server saw the connection close');
});

test('a stop before the server answers ends every answer that was asked for', async (t) => {
  const { server, model } = await start(t, { ownedBy: 'lmdeploy' });
  server.misbehave(() => sleep(5000, undefined, { ref: false }));
  const events = await gather(model.generate({ ...hello, generation: { n: 3 } }, AbortSignal.timeout(60)));
  const ends = events.filter((event) => event.type === 'end');
  assert.deepEqual(ends.map(({ stopReason, choice }) => `${stopReason} ${choice}`).sort(), [
    'aborted 0',
    'aborted 1',
    'aborted 2',
  ]);
});

test('more questions than the server is to have at once wait, and are told how many are before them', async (t) => {
  const server = await startMockModelServer({ pauseMs: 15 });
  t.after(() => server.close());
  const tight = { ...limits, requestsAtOnce: 2 };
  const model = await openRemoteModel({ url: server.origin, model: null, key: null }, { limits: tight });
  const all = await Promise.all(Array.from({ length: 5 }, () => ask(model)));
  assert.ok(all.every(({ end }) => end.text === 'The cat sleeps.'));
  assert.deepEqual(
    all.map(({ events }) => (events[0]?.type === 'waiting' ? events[0].ahead : 0)),
    [0, 0, 1, 2, 3],
  );
});

test('a busy server is asked again as it wishes, and then no more', async (t) => {
  const { server, model } = await start(t);
  let refusals = 2;
  server.misbehave((response) => {
    if (refusals-- > 0) return void response.writeHead(429, { 'retry-after': '0' }).end('{}');
    beginStream(response);
    sendEvent(response, textChunk('at last', { finish_reason: 'stop' }));
    response.end();
  });
  assert.equal((await ask(model)).end.text, 'at last');
  server.misbehave((response) => void response.writeHead(429, { 'retry-after': '3600' }).end());
  const before = performance.now();
  await assert.rejects(ask(model), isCode('network_failed'));
  assert.ok(performance.now() - before < 2000, 'an hour is not waited for');
});

/** What a server does, and the code of the sentence that a person reads. */
const misdeeds: Record<string, [Misbehaviour, string]> = {
  'the key is refused': [(response) => refuse(response, 401, `Invalid key ${key}`), 'access_denied'],
  'a context too long, in vLLM’s words': [
    (response) => refuse(response, 400, "This model's maximum context length is 4096 tokens. Hello"),
    'context_too_long',
  ],
  'a context too long, in llama.cpp’s words': [
    (response) =>
      sendJson(
        response,
        { error: { code: 400, type: 'exceed_context_size_error', message: 'request exceeds' } },
        400,
      ),
    'context_too_long',
  ],
  'no pictures are taken': [
    (response) => refuse(response, 500, 'image input is not supported - hint: provide the mmproj'),
    'media_unsupported',
  ],
  'a question is refused, and its words repeated': [
    (response) => refuse(response, 422, 'Hello? is bad'),
    'invalid_request',
  ],
  'the server fails': [(response) => refuse(response, 500, 'CUDA out of memory'), 'network_failed'],
  'the model is gone': [(response) => refuse(response, 404, 'no such model'), 'not_found'],
  'a redirect to another host': [
    (response) =>
      void response.writeHead(307, { location: 'https://elsewhere.example/v1/chat/completions' }).end(),
    'path_refused',
  ],
  'silence before the answer': [() => sleep(3000, undefined, { ref: false }), 'timed_out'],
  'silence after the header': [
    async (response) => {
      beginStream(response);
      response.flushHeaders();
      await sleep(3000, undefined, { ref: false });
    },
    'timed_out',
  ],
  'silence in the middle': [
    async (response) => {
      beginStream(response);
      sendEvent(response, textChunk('half'));
      await sleep(3000, undefined, { ref: false });
    },
    'timed_out',
  ],
  'the connection breaks in the middle': [
    async (response) => {
      beginStream(response);
      sendEvent(response, textChunk('half'));
      await sleep(20);
      response.destroy();
    },
    'network_failed',
  ],
  'the stream ends in the middle': [
    (response) => {
      beginStream(response);
      sendEvent(response, textChunk('half'));
      response.end();
    },
    'network_failed',
  ],
  'an event that is no JSON': [
    (response) => {
      beginStream(response);
      sendEvent(response, '{"choices": [');
      response.end();
    },
    'network_failed',
  ],
  'an event of another shape': [
    (response) => {
      beginStream(response);
      sendEvent(response, { choices: [{ index: 'first', delta: 7 }] });
      response.end();
    },
    'network_failed',
  ],
  'an answer nobody asked for': [
    (response) => {
      beginStream(response);
      sendEvent(response, textChunk('extra', { index: 5 }));
      response.end();
    },
    'network_failed',
  ],
  'an error in the middle': [
    (response) => {
      beginStream(response);
      sendEvent(response, { error: { message: 'Hello? broke it', code: 500 } });
      response.end();
    },
    'network_failed',
  ],
  'a page instead of a stream': [
    (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
    'network_failed',
  ],
  'an event without end': [
    async (response) => {
      beginStream(response);
      for (let sent = 0; sent < 200 && !response.destroyed; sent++) {
        response.write(`data: ${'x'.repeat(1000)}`);
        await sleep(1);
      }
    },
    'network_failed',
  ],
  'an answer without end': [
    async (response) => {
      beginStream(response);
      for (let sent = 0; sent < 5000 && !response.destroyed; sent++) {
        sendEvent(response, textChunk('again and again '));
        if (sent % 50 === 0) await sleep(1);
      }
    },
    'network_failed',
  ],
};

for (const [what, [how, code]] of Object.entries(misdeeds)) {
  test(`${what}: a sentence with the code ${code}, and the next question is answered`, async (t) => {
    const { server, model } = await start(t);
    server.misbehave(how);
    const before = performance.now();
    await assert.rejects(ask(model), isCode(code));
    assert.ok(performance.now() - before < 2500, 'within its time');
    server.misbehave(null);
    assert.equal((await ask(model)).end.text, 'The cat sleeps.');
  });
}

test('signs of life that are no events keep a slow answer alive', async (t) => {
  const { server, model } = await start(t);
  server.misbehave(async (response) => {
    beginStream(response);
    for (let sent = 0; sent < 6; sent++) {
      response.write(': ping\n\n');
      await sleep(120);
    }
    sendEvent(response, textChunk('slow', { finish_reason: 'stop' }));
    response.end();
  });
  assert.equal((await ask(model)).end.text, 'slow');
});

test('pieces that cut lines and characters anywhere make the same answer', async (t) => {
  const { server, model } = await start(t);
  server.misbehave(async (response) => {
    beginStream(response);
    const bytes = Buffer.from(
      `data: ${JSON.stringify(textChunk('schön 猫 '))}\r\n\r\ndata: ${JSON.stringify(textChunk('🐈', { finish_reason: 'stop' }))}\n\ndata: [DONE]\n\n`,
    );
    for (let at = 0; at < bytes.length; at += 3) {
      response.write(bytes.subarray(at, at + 3));
      await sleep(0);
    }
    response.end();
  });
  assert.equal((await ask(model)).end.text, 'schön 猫 🐈');
});

test('a wrong key, no server and a page are told when the address is tried, and a model by a wrong name', async (t) => {
  const server = await startMockModelServer({ key });
  t.after(() => server.close());
  const open = (address: { url?: string; model?: string; key?: string }) =>
    openRemoteModel({ url: server.origin, model: null, key, ...address }, { limits });
  await assert.rejects(open({ key: 'wrong' }), isCode('access_denied'));
  await assert.rejects(open({ url: 'http://127.0.0.1:9' }), isCode('network_failed'));
  await assert.rejects(open({ url: `${server.origin}/elsewhere` }), isCode('not_found'));
  await assert.rejects(open({ model: 'InternVL9' }), isCode('not_found'));
  assert.equal((await open({ model: 'OpenGVLab/InternVL3-78B' })).description.contextLength, 16_384);
});
