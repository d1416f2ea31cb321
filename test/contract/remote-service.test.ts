/** A model on a server in the app's service: added by hand, marked, asked, journalled, its key sealed, and nothing of it while offline. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assetsFolder } from '../../main/hosts/source-files.ts';
import type { ShellHandlers } from '../../main/service/host-contract.ts';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { GenerationEvent } from '../../preload/contract/generation.ts';
import {
  beginStream,
  type MockModelServer,
  type MockServed,
  sendEvent,
  startMockModelServer,
  textChunk,
} from '../support/mock-model-server.ts';
import { type ServiceUnderTest, startService } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = 'sk-of-the-app';
const modelName = 'OpenGVLab/InternVL3-78B';

/** Seals as a key store would: readable to itself, and to nobody who looks at the file. */
const sealing: Partial<ShellHandlers> = {
  encryptSecret: async ({ text }) => ({ sealed: Buffer.from(text).toString('hex') }),
  decryptSecret: async ({ sealed }) => ({ text: Buffer.from(sealed, 'hex').toString() }),
};
const withoutKeyStore: Partial<ShellHandlers> = {
  encryptSecret: async () => {
    throw new AppError('device_unavailable', 'There is no key store.');
  },
};

type End = Extract<GenerationEvent, { type: 'end' }>;

async function prepare(
  t: TestContext,
  { shell = sealing, ...served }: MockServed & { shell?: Partial<ShellHandlers> } = {},
) {
  const server = await startMockModelServer({ key, ...served });
  t.after(() => server.close());
  const profile = await temporaryFolder(t);
  const start = () => {
    const service = startService({ profile, shell });
    t.after(() => service.shutdown());
    return service;
  };
  return { server, profile, start, service: start() };
}

async function addAndLoad({ page }: ServiceUnderTest, server: MockModelServer) {
  const added = await page.addRemoteModel({ url: server.origin, key, model: modelName });
  await page.loadModel({ id: added.id });
  return added;
}

async function ask(
  { page }: ServiceUnderTest,
  {
    parts = [{ type: 'text', text: 'Hello?' }],
    temporary = false,
    onEvent = () => {},
  }: {
    parts?: Part[];
    temporary?: boolean;
    onEvent?: (event: GenerationEvent) => void;
  } = {},
): Promise<End> {
  const { id: conversationId } = await page.createConversation(temporary ? { temporary } : {});
  let last: GenerationEvent | null = null;
  for await (const event of page.generateMessage({
    type: 'question',
    conversationId,
    parentId: null,
    parts,
  })) {
    onEvent(event);
    last = event;
  }
  assert.ok(last?.type === 'end');
  return last;
}

const textOf = ({ parts }: Message) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

test('a server is tried, its model added and marked, asked with a picture at full size, and its answer kept with its figures', async (t) => {
  const { server, service } = await prepare(t, { ownedBy: 'lmdeploy', contextLength: null });
  const { page } = service;
  const described = await page.tryServer({ url: server.origin, key });
  assert.equal(described.server, 'LMDeploy');
  assert.deepEqual(described.models, [{ id: modelName, contextLength: null }]);
  const { id } = await addAndLoad(service, server);
  const { models } = await page.listModels({});
  const listed = models.find((model) => model.id === id);
  assert.deepEqual(listed?.remote, {
    host: described.host,
    server: 'LMDeploy',
    model: modelName,
    key: 'kept',
  });
  const state = await page.getModelState({});
  assert.ok(state.state === 'ready' && state.device === `remote:${described.host}`);

  const uploadId = await service.upload(join(assetsFolder, 'samples', 'receipt.png'), 'receipt.png');
  const { attachment } = await page.addAttachment({ uploadId });
  const picture: Part = { type: 'picture', attachmentId: attachment.id, name: 'receipt.png', detail: 'fast' };
  const phases: string[] = [];
  const end = await ask(service, {
    parts: [picture, { type: 'text', text: 'What is the total?' }],
    onEvent: (event) => event.type === 'phase' && phases.push(event.phase),
  });
  assert.equal(textOf(end.message), 'The cat sleeps.');
  const { generation } = end.message;
  assert.equal(generation?.device, `remote:${described.host}`);
  assert.equal(generation?.visionPrecision, 'unknown');
  assert.deepEqual(
    [generation?.promptTokens, generation?.newTokens, generation?.reusedPromptTokens],
    [21, 3, 8],
  );
  assert.ok(phases.indexOf('reading') < phases.indexOf('writing'), phases.join(' '));
  const { body } = server.requests.at(-1)!;
  const question = (
    body.messages as { content: { image_url?: { url: string; max_dynamic_patch: number } }[] }[]
  ).at(-1)!;
  const image = question.content.find((part) => part.image_url)!.image_url!;
  assert.equal(image.max_dynamic_patch, 1, 'looked at quickly');
  const png = Buffer.from(image.url.split(',')[1]!, 'base64');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [attachment.widthPx, attachment.heightPx]);
});

test('a temporary conversation asks the server as well, and leaves nothing', async (t) => {
  const { server, service, profile } = await prepare(t);
  await addAndLoad(service, server);
  const end = await ask(service, { temporary: true });
  assert.equal(textOf(end.message), 'The cat sleeps.');
  await service.shutdown();
  assert.ok(!(await everything(profile)).includes('The cat sleeps.'));
});

test('a key is sealed by the shell, stands in no file, and is there after a restart', async (t) => {
  const { server, service, start, profile } = await prepare(t);
  await addAndLoad(service, server);
  await service.shutdown();
  assert.ok(!(await everything(profile)).includes(key));
  const again = start();
  assert.equal(textOf((await ask(again)).message), 'The cat sleeps.');
  assert.equal(server.requests.at(-1)!.authorization, `Bearer ${key}`);
});

test('without a key store a key is held until the app quits, which is said, and can be given again', async (t) => {
  const { server, service, start, profile } = await prepare(t, { shell: withoutKeyStore });
  const added = await addAndLoad(service, server);
  assert.equal(added.key, 'session');
  assert.equal(textOf((await ask(service)).message), 'The cat sleeps.');
  await service.shutdown();
  assert.ok(!(await everything(profile)).includes(key));
  const again = start();
  const placeOf = async () =>
    (await again.page.listModels({})).models.find(({ id }) => id === added.id)?.remote?.key;
  assert.equal(await placeOf(), 'missing');
  const end = await ask(again);
  assert.equal(end.error?.code, 'access_denied');
  const renewed = await again.page.addRemoteModel({ url: server.origin, key, model: modelName });
  assert.equal(renewed.id, added.id);
  await again.page.loadModel({ id: added.id });
  assert.equal(textOf((await ask(again)).message), 'The cat sleeps.');
});

test('going offline ends what is being asked, text kept, and lets nothing out until it is switched off', async (t) => {
  const words = Array.from({ length: 400 }, (_, at) => `${at} `);
  const { server, service } = await prepare(t, { words, pauseMs: 10 });
  const { page } = service;
  const { id } = await addAndLoad(service, server);
  const begun = Promise.withResolvers<void>();
  const asked = ask(service, {
    onEvent: (event) => event.type === 'text' && event.text.startsWith('5') && begun.resolve(),
  });
  await begun.promise;
  assert.equal((await page.updateModelSettings({ patch: { offline: true } })).offline, true);
  const end = await asked;
  assert.equal(end.message.state, 'stopped');
  assert.match(textOf(end.message), /^0 1 2 3 4 5 /);
  for (let tries = 0; server.cutOff === 0 && tries < 100; tries++) await sleep(10);
  assert.equal(server.cutOff, 1);
  const before = server.requests.length;
  assert.match((await ask(service)).error?.message ?? '', /set to stay offline/);
  await assert.rejects(page.loadModel({ id }), isCode('offline'));
  await assert.rejects(page.tryServer({ url: server.origin, key }), isCode('offline'));
  await assert.rejects(page.addRemoteModel({ url: server.origin, key, model: modelName }), isCode('offline'));
  await assert.rejects(page.judgeRepository({ repository: 'owner/name' }), isCode('offline'));
  assert.equal(server.requests.length, before);
  await page.updateModelSettings({ patch: { offline: false } });
  await page.loadModel({ id });
  assert.equal(server.requests.length > before, true);
});

test('a server that breaks off leaves the text so far, and the next question is answered', async (t) => {
  const { server, service } = await prepare(t);
  await addAndLoad(service, server);
  server.misbehave(async (response) => {
    beginStream(response);
    sendEvent(response, textChunk('Half an '));
    await sleep(50);
    response.destroy();
  });
  const end = await ask(service);
  assert.equal(end.message.state, 'failed');
  assert.equal(textOf(end.message), 'Half an ');
  assert.equal(end.error?.code, 'network_failed');
  server.misbehave(null);
  assert.equal(textOf((await ask(service)).message), 'The cat sleeps.');
});

test('the app’s own API answers from the server, with the server’s counts', async (t) => {
  const { server, service } = await prepare(t);
  const { id } = await addAndLoad(service, server);
  const api = await service.host.startApi({ port: 0, token: null, allowedOrigins: [] });
  const response = await fetch(`${api.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: id, messages: [{ role: 'user', content: 'Hello?' }] }),
  });
  const answer = (await response.json()) as { choices: { message: { content: string } }[]; usage: object };
  assert.equal(answer.choices[0]?.message.content, 'The cat sleeps.', JSON.stringify(answer));
  assert.deepEqual(answer.usage, { prompt_tokens: 21, completion_tokens: 3, total_tokens: 24 });
});

test('a removed model is gone from the list, and what was loaded of it is let go', async (t) => {
  const { server, service } = await prepare(t);
  const { page } = service;
  const { id } = await addAndLoad(service, server);
  await page.deleteModel({ id });
  assert.ok(!(await page.listModels({})).models.some((model) => model.id === id));
  assert.equal((await page.getModelState({})).state, 'unloaded');
  await assert.rejects(page.loadModel({ id }), isCode('not_found'));
});

/** All bytes of a profile's small files, as text. */
async function everything(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const texts = names.map(async (name) => {
    const path = join(folder, name);
    const { size } = await stat(path);
    return size > 0 && size < 4_000_000 ? readFile(path, 'latin1').catch(() => '') : '';
  });
  return (await Promise.all(texts)).join('\n');
}
