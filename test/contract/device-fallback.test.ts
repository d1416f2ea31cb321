/** A GPU that is lost in the middle of an answer, or can't hold the model: the CPU goes on, and the person is told. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { openDeviceFile } from '../../main/service/devices.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { AppEvent } from '../../preload/contract/system.ts';
import { freePort } from '../support/free-port.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { startService } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const engineFile = fileURLToPath(new URL('../support/failing-gpu-child.ts', import.meta.url));

/** A profile in which this device was measured as much faster than the CPU. */
async function openProfile(t: TestContext, device: string) {
  const folder = await temporaryFolder(t);
  await writeScriptedAssets(folder);
  const profile = join(folder, 'profile');
  const row = (name: string, speed: number) => ({
    device: name,
    outcome: 'works' as const,
    speed: { visionMsPerTile: 1000 / speed, prefillTokensPerSecond: speed, decodeTokensPerSecond: speed },
  });
  const rows = [row('cpu', 10), row(device, 1000)];
  await (await openDeviceFile(profile)).keep({ machine: 'here', measuredAt: 1, rows });
  const service = startService({ profile, engineFile, assets: join(folder, 'assets') });
  t.after(service.shutdown);
  const { page } = service;
  const failed: string[] = [];
  const watching = new AbortController();
  t.after(() => watching.abort());
  void (async () => {
    for await (const event of page.watchApp({}, watching.signal) as AsyncIterable<AppEvent>)
      if (event.type === 'device-failed') failed.push(event.device);
  })().catch(() => {});
  const { id: conversationId } = await page.createConversation({});
  const ask = async (words: string): Promise<Message> => {
    const parts = [{ type: 'text' as const, text: words }];
    for await (const event of page.generateMessage({
      type: 'question',
      conversationId,
      parentId: null,
      parts,
    }))
      if (event.type === 'end') {
        assert.equal(event.error, null);
        return event.message;
      }
    throw new Error('no end');
  };
  return {
    page,
    ask,
    failed,
    table: async () => JSON.parse(await readFile(join(profile, 'devices.json'), 'utf8')),
  };
}

const textOf = ({ parts }: Message) =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');

for (const way of ['fail', 'crash'])
  test(`the answer is gone on with where the GPU stopped (${way}), and the next one begins on the CPU`, async (t) => {
    const { ask, failed, table } = await openProfile(t, 'webgpu');
    const answer = await ask(way);
    assert.equal(textOf(answer), 'one two three four');
    assert.equal(answer.state, 'complete');
    assert.equal(answer.generation?.device, 'webgpu → cpu');
    assert.deepEqual(failed, ['webgpu']);
    assert.deepEqual(
      (await table()).rows.map(({ outcome }: { outcome: string }) => outcome),
      ['works', 'crashed'],
    );
    const next = await ask(way);
    assert.equal(next.generation?.device, 'cpu');
    assert.equal(textOf(next), 'one two three four');
    assert.equal(failed.length, 1);
  });

test('a GPU that can’t open the model costs nothing but a notice', async (t) => {
  const { ask, failed } = await openProfile(t, 'directml');
  const answer = await ask('fail');
  assert.equal(answer.generation?.device, 'cpu');
  assert.equal(textOf(answer), 'one two three four');
  assert.deepEqual(failed, ['directml']);
});

for (const way of ['fail', 'crash'])
  test(`a client of the API gets the rest of its answer from the CPU (${way}), streamed and whole`, async (t) => {
    const { page, failed } = await openProfile(t, 'webgpu');
    const { url, token } = await page.turnApiServerOn({ port: await freePort() });
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token!, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: way }];
    const stream = await client.chat.completions.create({
      model: '',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let tokens = 0;
    for await (const { choices, usage } of stream) {
      pieces.push(choices[0]?.delta.content ?? '');
      tokens = usage?.completion_tokens ?? tokens;
    }
    assert.equal(pieces.join(''), 'one two three four', 'nothing is said twice');
    assert.equal(tokens, 4, 'tokens of both devices are counted');
    assert.deepEqual(failed, ['webgpu']);
    const next = await client.chat.completions.create({ model: '', messages });
    assert.equal(next.choices[0]?.message.content, 'one two three four');
    assert.equal(failed.length, 1);
  });

test('each of several choices is gone on with', async (t) => {
  const { page } = await openProfile(t, 'webgpu');
  const { url, token } = await page.turnApiServerOn({ port: await freePort() });
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token!, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'fail' }];
  const { choices, usage } = await client.chat.completions.create({ model: '', messages, n: 3 });
  assert.deepEqual(
    choices.map(({ message, index }) => [index, message.content]),
    [0, 1, 2].map((index) => [index, 'one two three four']),
  );
  assert.equal(usage?.completion_tokens, 12);
});

test('an answer held to a form can’t be gone on with in the middle: the client hears of the fault and may ask again', async (t) => {
  const { page } = await openProfile(t, 'webgpu');
  const { url, token } = await page.turnApiServerOn({ port: await freePort() });
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token!, maxRetries: 0 });
  const asked = {
    model: '',
    messages: [{ role: 'user' as const, content: 'fail' }],
    response_format: { type: 'json_object' as const },
  };
  await assert.rejects(client.chat.completions.create(asked), /stopped computing/);
  const { choices } = await client.chat.completions.create(asked);
  assert.equal(choices[0]?.message.content, 'one two three four', 'on the CPU');
});
