/** A GPU that is lost in the middle of an answer, or can't hold the model: the CPU goes on, and the person is told. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDeviceFile } from '../../main/service/devices.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { AppEvent } from '../../preload/contract/system.ts';
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
