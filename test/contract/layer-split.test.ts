/** A model split over devices through the real processes: the command line, a pipeline and the service, on CPU and CPU. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import type { AskResult } from '../../main/cli/ask-result.ts';
import { loadImage, pipeline } from '../../native-models/index.ts';
import { startService } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const receipt = join(root, 'assets/samples/receipt.png');
const question = 'What is the total?';
/** The embedded model has four layers. */
const split = 'cpu 0–1, 2, 3';

test('ask --device cpu,cpu says the same ids as one device, and where the layers ran', async (t) => {
  const home = await temporaryFolder(t);
  const ask = async (device: string): Promise<AskResult> => {
    const line = ['ask', '--json', '--device', device, receipt, question];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(root, 'main/cli/index.ts'), ...line],
      {
        env: { ...process.env, INTERNVL_HOME: home },
      },
    );
    return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as AskResult;
  };
  const [whole, halved] = [await ask('cpu'), await ask('cpu,cpu')];
  assert.deepEqual([whole.text, whole.device], ['84.78', 'cpu']);
  assert.deepEqual([halved.tokenIds, halved.device], [whole.tokenIds, split]);
  await assert.rejects(ask('cuda:0,nonsense'), (error: { code: number; stdout: string }) => {
    assert.match(error.stdout, /no such device/);
    return error.code === 2;
  });
});

test('pipeline(model, {devices}) answers as on one', async (t) => {
  const cacheFolder = await temporaryFolder(t);
  const pipe = await pipeline(join(root, 'assets/embedded-model'), { devices: ['cpu', 'cpu'], cacheFolder });
  t.after(() => pipe.close());
  const { text } = await pipe([question, await loadImage(receipt)]);
  assert.equal(text, '84.78');
});

test('a service started with devices loads on them, and keeps in each answer’s figures where it ran', async (t) => {
  const profile = await temporaryFolder(t);
  const { page, shutdown } = startService({ profile, devices: ['cpu', 'cpu'] });
  t.after(shutdown);
  const [model] = (await page.listModels({})).models;
  const state = await page.loadModel({ id: model!.id });
  assert.equal(state.state === 'ready' && state.device, split);
  const parts = [{ type: 'text' as const, text: 'Hello' }];
  const { id: conversationId } = await page.createConversation({});
  const events = await Array.fromAsync(
    page.generateMessage({ type: 'question', conversationId, parentId: null, parts }),
  );
  const end = events.at(-1);
  assert.equal(end?.type === 'end' && end.message.generation?.device, split);
  const whole = await page.loadModel({ id: model!.id, devices: ['cpu'] });
  assert.equal(whole.state === 'ready' && whole.device, 'cpu', 'a choice of one’s own comes first');
  await assert.rejects(page.loadModel({ id: model!.id, devices: ['gpu'] }), { code: 'invalid_request' });
});
