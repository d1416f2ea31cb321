/** `ask --device auto`: what was measured of the machine decides where the model is loaded, and what fails at it is left out. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask } from '../../main/cli/ask.ts';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { parseArguments } from '../../main/cli/parse-arguments.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import { openDeviceFile } from '../../main/service/devices.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const engine = fileURLToPath(new URL('../support/failing-gpu-child.ts', import.meta.url));

/** A home in which this device was measured as much faster than the CPU; null: nothing was measured. */
async function prepare(t: TestContext, device: string | null) {
  const home = await temporaryFolder(t);
  await writeFile(join(home, 'manifest.json'), '{}');
  const row = (name: string, speed: number) => ({
    device: name,
    outcome: 'works' as const,
    speed: { visionMsPerTile: 1000 / speed, prefillTokensPerSecond: speed, decodeTokensPerSecond: speed },
  });
  const rows = device === null ? [] : [row('cpu', 10), row(device, 1000)];
  if (device !== null) await (await openDeviceFile(home)).keep({ machine: 'here', measuredAt: 1, rows });
  const run = async (...args: string[]) => {
    let notes = '';
    const command = parseArguments(['ask', '--model', home, ...args, 'Hello?']);
    assert.ok(command.kind === 'ask');
    const children = createChildren({ ...childFiles, engine });
    process.env.INTERNVL_HOME = home;
    try {
      const result = await ask(command, {
        terminal: createTerminal({ write: () => true }, { write: (text: string) => (notes += text) }),
        children,
        signal: new AbortController().signal,
        modelCache: join(home, 'cache'),
        embeddedModel: home,
      });
      return { ...result, notes };
    } finally {
      await children.shutdownAll();
    }
  };
  return {
    run,
    outcomes: async () => (await openDeviceFile(home)).table()?.rows.map(({ outcome }) => outcome),
  };
}

test('the fastest device takes the model; named ones are taken at their word, and nothing measured means the CPU', async (t) => {
  const { run } = await prepare(t, 'webgpu');
  await assert.rejects(run(), /webgpu stopped computing/, 'it was at work');
  assert.equal((await run('--device', 'cpu')).device, 'cpu');
  assert.equal((await (await prepare(t, null)).run()).device, 'cpu');
});

test('a device that can’t take the model is said, left out from then on, and the CPU answers', async (t) => {
  const { run, outcomes } = await prepare(t, 'directml');
  const answered = await run();
  assert.equal(answered.text, 'one two three four');
  assert.equal(answered.device, 'cpu');
  assert.match(answered.notes, /directml can't run this model/);
  assert.deepEqual(await outcomes(), ['works', 'crashed']);
  assert.doesNotMatch((await run()).notes, /directml/);
});
