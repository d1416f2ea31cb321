/** The model card's code samples in this library's words, each on the embedded model (README: In code). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { IMAGE_TOKEN, loadImage, loadVideo, type Pipeline, pipeline } from '../../native-models/index.ts';

const root = join(import.meta.dirname, '../..');
const model = join(root, 'assets', 'embedded-model');
const sample = (name: string) => join(root, 'assets', 'samples', name);
const film = join(root, 'test', 'support', 'films', 'samples.mp4');
let cacheFolder: string;
let pipe: Pipeline;

before(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'internvl-pipeline-'));
  pipe = await pipeline(model, { sessionLength: 1800, tp: 1, chatTemplate: 'internvl2_5', cacheFolder });
});

after(async () => {
  await pipe.close();
  await rm(cacheFolder, { recursive: true });
});

test('hello world: one prompt with a picture', async () => {
  const image = await loadImage(sample('receipt.png'));
  const response = await pipe(['What is the total?', image]);
  assert.equal(response.text, '84.78');
  assert.equal(response.finishReason, 'stop');
  assert.equal(response.generateTokenLen, response.tokenIds.length);
  assert.ok(response.inputTokenLen > 16 * pipe.numPatches(image));
  assert.equal(response.visualPositionStep, 1);
});

test('plain text, and bytes instead of a path', async () => {
  const { text, visualPositionStep } = await pipe('Who are you?');
  assert.match(text, /demo/);
  assert.equal(visualPositionStep, null);
  const image = await loadImage(readFileSync(sample('word.png')));
  assert.equal((await pipe(['What does it say?', image])).text, 'CAMERA');
});

test('several pictures in one prompt, numbered by hand or by the pipeline', async () => {
  const images = [await loadImage(sample('number.png')), await loadImage(sample('word.png'))];
  const byHand = await pipe([`Image-1: ${IMAGE_TOKEN}\nImage-2: ${IMAGE_TOKEN}\nWhat does it say?`, images]);
  const numbered = await pipe(['What does it say?', images]);
  assert.deepEqual(byHand.tokenIds, numbered.tokenIds);
  assert.equal(byHand.inputTokenLen, numbered.inputTokenLen);
});

test('a list of prompts is answered in one batch, each as it would be alone', async () => {
  const prompts = [
    ['What is the total?', await loadImage(sample('receipt.png'))] as const,
    ['What does it say?', await loadImage(sample('word.png'))] as const,
    'Who are you?',
  ];
  const responses = await pipe(prompts);
  assert.equal(responses[0]?.text, '84.78');
  assert.equal(responses[1]?.text, 'CAMERA');
  assert.equal(responses[2]?.text, (await pipe('Who are you?')).text);
});

test('messages of OpenAI’s shape: a picture as data URI, and a conversation', async () => {
  const url = `data:image/png;base64,${readFileSync(sample('receipt.png')).toString('base64')}`;
  const ask = [
    {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text: 'What is the total?' },
        { type: 'image_url' as const, image_url: { url } },
      ],
    },
  ];
  assert.equal((await pipe(ask)).text, '84.78');
  assert.deepEqual(
    (await pipe([ask, ask])).map(({ text }) => text),
    ['84.78', '84.78'],
  );
  await assert.rejects(
    pipe([
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] },
    ]),
    { code: 'invalid_request', message: /not fetched/ },
  );
});

test('several turns by a session, with a generation config', async () => {
  const image = await loadImage(sample('number.png'));
  const generation = { top_k: 40, top_p: 0.8, temperature: 0.8, random_seed: 1 };
  let session = await pipe.chat(['What is the number?', image], { generation });
  assert.equal(session.response.text, '2064');
  session = await pipe.chat('What is the number?', { session, generation });
  assert.equal(session.response.text, '2064');
  assert.ok(session.response.timings.reusedPromptTokens > 16, 'the first turn is not read again');
  assert.equal(session.history.length, 2);
  assert.equal(session.history[0]?.[0], '<image>\nWhat is the number?');
});

test('history in and out, as the card’s model.chat has it', async () => {
  const pictures = [await loadImage(sample('number.png'), { maxTiles: 12 })];
  const first = await pipe.chat('<image>\nWhat is the number?', {
    pictures,
    generation: { do_sample: false },
  });
  const second = await pipe.chat('What is the number?', { pictures, history: first.history });
  assert.equal(second.response.text, '2064');
  const [, question] = second.history;
  assert.deepEqual(question, ['What is the number?', '2064']);
  const bare = await pipe.chat('Who are you?', { history: [] });
  assert.match(bare.response.text, /demo/);
});

test('several pictures over two turns: combined, and separate with their tiles counted', async () => {
  const pictures = [await loadImage(sample('number.png')), await loadImage(sample('word.png'))];
  const combined = await pipe.chat('<image>\nWhat does it say?', { pictures });
  const numPatchesList = pictures.map(pipe.numPatches);
  const separate = await pipe.chat('Image-1: <image>\nImage-2: <image>\nWhat does it say?', {
    pictures,
    numPatchesList,
  });
  assert.ok(
    separate.response.inputTokenLen > combined.response.inputTokenLen,
    'two <img> blocks and two names',
  );
  const next = await pipe.chat('And what else?', { pictures, numPatchesList, history: separate.history });
  assert.equal(next.history.length, 2);
  await assert.rejects(pipe.chat('<image>\nWhat?', { pictures, numPatchesList: [1, 99] }), {
    code: 'invalid_request',
    message: /numPatchesList is \[1, 99\]/,
  });
  await assert.rejects(pipe.chat('<image> <image> <image>', { pictures }), { code: 'invalid_request' });
});

test('batchChat: a picture and a question each', async () => {
  const pictures = [await loadImage(sample('receipt.png')), await loadImage(sample('number.png'))];
  const responses = await pipe.batchChat({
    questions: ['<image>\nWhat is the total?', '<image>\nWhat is the number?'],
    pictures,
    numPatchesList: pictures.map(pipe.numPatches),
  });
  assert.deepEqual(
    responses.map(({ text }) => text),
    ['84.78', '2064'],
  );
});

test('a film: frames of one tile each, named and asked about over two turns', async () => {
  const pictures = await loadVideo(film, { numSegments: 4, maxTiles: 1 });
  const frames = pictures.map((_, index) => `Frame${index + 1}: <image>\n`).join('');
  const numPatchesList = pictures.map(pipe.numPatches);
  assert.deepEqual(numPatchesList, [1, 1, 1, 1]);
  const first = await pipe.chat(`${frames}What is the number?`, { pictures, numPatchesList });
  const second = await pipe.chat('Is it red?', { pictures, numPatchesList, history: first.history });
  assert.ok(second.response.inputTokenLen > first.response.inputTokenLen);
});

test('streamed output, and several answers with how likely their tokens were', async () => {
  const image = await loadImage(sample('receipt.png'));
  let text = '';
  let whole = '';
  for await (const piece of pipe.stream(['What is the total?', image])) {
    text += piece.text;
    whole = piece.response?.text ?? whole;
  }
  assert.equal(text, '84.78');
  assert.equal(whole, text);
  const generation = { n: 3, temperature: 0.7, random_seed: 5, logprobs: 2 };
  const { choices } = await pipe(['What is the total?', image], { generation });
  assert.deepEqual(
    choices.map(({ index }) => index),
    [0, 1, 2],
  );
  for (const { logprobs, tokenIds } of choices) {
    assert.deepEqual(
      logprobs?.map(({ id }) => id),
      tokenIds,
    );
  }
});

test('an answer held to a schema, to an expression, ended by a stop word, by its length, by an abort', async () => {
  const image = await loadImage(sample('receipt.png'));
  const ask = (generation: object, signal = new AbortController().signal) =>
    pipe(['What is the total?', image], { generation, signal });
  const schema = {
    type: 'object',
    properties: { currency: { enum: ['EUR', 'USD'] } },
    required: ['currency'],
    additionalProperties: false,
  };
  const json = await ask({
    response_format: { type: 'json_schema', json_schema: { name: 'currency', schema } },
  });
  assert.match(JSON.parse(json.text).currency, /^(EUR|USD)$/);
  const regex = await ask({
    response_format: { type: 'regex_schema', regex_schema: '[0-9]{2}\\.[0-9]{2} EUR' },
  });
  assert.match(regex.text, /^\d\d\.\d\d EUR$/);
  const stopped = await ask({ stop_words: ['.'] });
  assert.deepEqual([stopped.text, stopped.finishReason], ['84', 'stop']);
  const cut = await ask({ max_new_tokens: 2 });
  assert.deepEqual([cut.generateTokenLen, cut.finishReason], [2, 'length']);
  assert.equal((await ask({}, AbortSignal.abort())).finishReason, 'aborted');
  await assert.rejects(ask({ top_k: 1, temprature: 1 }), { code: 'invalid_request', message: /temprature/ });
  await assert.rejects(ask({ top_p: 2 }), { code: 'invalid_request', message: /top_p/ });
});

test('sessionLength bounds prompt and answer; what can’t be had is refused by name', async () => {
  await assert.rejects(pipe('word '.repeat(2000)), { code: 'context_too_long', message: /1800/ });
  await assert.rejects(pipeline(model, { tp: 2, cacheFolder }), { code: 'device_unavailable' });
  for (const wrong of [
    { tp: 0 },
    { tp: 1.5 },
    { tp: 2, devices: ['cpu'] },
    { devices: [] },
    { devices: ['gpu'] },
  ])
    await assert.rejects(pipeline(model, { ...wrong, cacheFolder }), { code: 'invalid_request' });
  await assert.rejects(pipeline(model, { devices: ['cuda:0', 'cuda:1'], cacheFolder }), {
    code: 'device_unavailable',
  });
  await assert.rejects(pipeline(model, { chatTemplate: 'vicuna' as never, cacheFolder }), {
    code: 'invalid_request',
    message: /internvl2_5/,
  });
  await assert.rejects(pipeline(join(root, 'no-such-model'), { cacheFolder }), { code: 'not_found' });
  assert.equal((await readdir(cacheFolder)).length, 1, 'the checkpoint was converted once');
});
