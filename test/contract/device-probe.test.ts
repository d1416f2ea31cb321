/** Probing a machine whose drivers crash and hang: each costs its own row, and the table is whole. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDeviceFile } from '../../main/service/devices.ts';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import { supervise } from '../../main/supervisor/supervise.ts';
import { probeDevices } from '../../native-models/process/probe-client.ts';
import { probeContract } from '../../native-models/process/probe-contract.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const file = fileURLToPath(new URL('../support/scripted-probe-child.ts', import.meta.url));

function openProbe() {
  const child = supervise({
    spawn: spawnNodeChild,
    file,
    name: 'probe',
    crashLimit: 1,
    silence: { tickMs: 100, shortestSilenceMs: 9000 },
  });
  return { client: connectClient(probeContract, child, 'test'), close: child.shutdown };
}

test('a device that kills its process, aborts it or never answers costs its row and no more', async () => {
  const table = await probeDevices(openProbe);
  assert.deepEqual(
    table?.rows.map(({ device, outcome }) => `${device} ${outcome}`),
    ['cpu works', 'webgpu crashed', 'cuda works', 'cuda:1 crashed', 'tensorrt hung', 'directml unavailable'],
  );
  const [cpu, , cuda] = table!.rows;
  assert.notEqual(cpu!.speed.visionMsPerTile, cuda!.speed.visionMsPerTile, 'each had a process of its own');
});

test('the table is kept, and a device that failed at work is chosen no more', async (t) => {
  const folder = await temporaryFolder(t);
  const devices = await openDeviceFile(folder);
  assert.deepEqual(devices.choose(), { vision: 'cpu', decoder: 'cpu' });
  const speed = { visionMsPerTile: 1, prefillTokensPerSecond: 1000, decodeTokensPerSecond: 100 };
  await devices.keep({
    machine: 'here',
    measuredAt: 1,
    rows: [
      { device: 'cpu', outcome: 'works', speed: { ...speed, visionMsPerTile: 1400 } },
      { device: 'webgpu', outcome: 'works', speed: { ...speed, decodeTokensPerSecond: 200 } },
    ],
  });
  const again = await openDeviceFile(folder);
  assert.deepEqual(again.choose(), { vision: 'webgpu', decoder: 'webgpu' });
  await again.distrust('webgpu');
  assert.deepEqual((await openDeviceFile(folder)).choose(), { vision: 'cpu', decoder: 'cpu' });
  const path = join(folder, 'devices.json');
  await writeFile(path, (await readFile(path, 'utf8')).slice(5));
  assert.equal((await openDeviceFile(folder)).table(), null, 'a damaged file is no table');
});
