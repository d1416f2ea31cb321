/** Devices by name, what each asks of ONNX Runtime, which one `auto` takes, and how long a turn will last on it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { deviceName, parseDevice, providers } from '../../native-models/inference/device.ts';
import {
  chooseDevices,
  type DeviceTable,
  measuredConfig,
} from '../../native-models/inference/device-table.ts';
import {
  computesText,
  isBuiltIn,
  platformProviders,
  sessionOptionsFor,
} from '../../native-models/inference/execution-providers.ts';
import { expectedSeconds, shapeOf } from '../../native-models/inference/expected-time.ts';
import { openSession } from '../../native-models/inference/session.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';

test('a device has a name that is read back, and anything else is refused', () => {
  for (const name of ['cpu', 'webgpu', 'directml:2', 'coreml', 'cuda', 'cuda:1', 'tensorrt:11'])
    assert.equal(deviceName(parseDevice(name)), name);
  for (const name of [
    '',
    'gpu',
    'cuda:',
    'cuda:-1',
    'cuda:100',
    'CPU',
    'cpu:1',
    'webgpu:1',
    'cuda:1:2',
    ' cpu',
  ])
    assert.throws(() => parseDevice(name), { code: 'invalid_request' }, name);
});

test('each provider asks ONNX Runtime in its own words, and the CPU takes what it can’t compute', () => {
  const asked = (name: string) => sessionOptionsFor(parseDevice(name));
  assert.deepEqual(asked('cpu').executionProviders, ['cpu']);
  assert.deepEqual(asked('webgpu').executionProviders, ['webgpu', 'cpu']);
  assert.deepEqual(asked('directml:1'), {
    executionProviders: [{ name: 'dml', deviceId: 1 }, 'cpu'],
    enableMemPattern: false,
    executionMode: 'sequential',
  });
  assert.deepEqual(asked('coreml').executionProviders, [{ name: 'coreml', coreMlFlags: 16 }, 'cpu']);
  assert.deepEqual(asked('cuda:3').executionProviders, [{ name: 'cuda', deviceId: 3 }, 'cpu']);
  assert.deepEqual(asked('tensorrt:1').executionProviders, [
    { name: 'tensorrt', deviceId: 1 },
    { name: 'cuda', deviceId: 1 },
    'cpu',
  ]);
});

test('a platform’s providers end with the CPU, and CoreML is for pictures alone', () => {
  assert.deepEqual(platformProviders({ platform: 'win32', arch: 'arm64' }), ['directml', 'webgpu', 'cpu']);
  assert.deepEqual(platformProviders({ platform: 'darwin', arch: 'arm64' }), ['coreml', 'webgpu', 'cpu']);
  assert.deepEqual(platformProviders({ platform: 'linux', arch: 'x64' }), [
    'tensorrt',
    'cuda',
    'webgpu',
    'cpu',
  ]);
  assert.deepEqual(platformProviders({ platform: 'linux', arch: 'arm64' }), ['cpu']);
  assert.deepEqual(
    providers.filter((provider) => !computesText(provider)),
    ['coreml'],
  );
});

test('a provider that this build does not have is refused, where ONNX Runtime would quietly compute on the CPU', async () => {
  const missing = process.platform === 'win32' ? 'coreml' : 'directml';
  assert.equal(isBuiltIn('cpu'), true);
  assert.equal(isBuiltIn(missing), false);
  const graph = createGraph('nothing');
  graph.output('y', graph.op('Neg', [graph.input('x', 'float32', [1])]), 'float32', [1]);
  const options = { folder: '', device: parseDevice(missing), threads: 1 };
  await assert.rejects(openSession(graph.encode(), options), { code: 'device_unavailable' });
});

const table: DeviceTable = {
  machine: 'a machine',
  measuredAt: 0,
  rows: [
    {
      device: 'cpu',
      outcome: 'works',
      speed: { visionMsPerTile: 1400, prefillTokensPerSecond: 260, decodeTokensPerSecond: 50 },
    },
    { device: 'coreml', outcome: 'works', speed: { visionMsPerTile: 90 } },
    {
      device: 'webgpu',
      outcome: 'works',
      speed: { visionMsPerTile: 120, prefillTokensPerSecond: 900, decodeTokensPerSecond: 60 },
    },
    {
      device: 'cuda',
      outcome: 'differs',
      speed: { visionMsPerTile: 1, prefillTokensPerSecond: 1e6, decodeTokensPerSecond: 1e6 },
    },
    { device: 'directml', outcome: 'works', speed: {} },
    { device: 'tensorrt', outcome: 'crashed', speed: {} },
  ],
};

test('auto takes the fastest for each part, of those that agree with the CPU and were measured', () => {
  const named = (rows: DeviceTable['rows']) => {
    const { vision, decoder } = chooseDevices({ ...table, rows });
    return [deviceName(vision), deviceName(decoder)];
  };
  assert.deepEqual(named(table.rows), ['coreml', 'webgpu']);
  assert.deepEqual(named(table.rows.slice(0, 1)), ['cpu', 'cpu']);
  assert.deepEqual(named(table.rows.slice(3)), ['cpu', 'cpu'], 'none of these may be trusted');
  assert.deepEqual(named([]), ['cpu', 'cpu']);
  assert.deepEqual(chooseDevices(null), chooseDevices({ ...table, rows: [] }));
});

test('expected seconds are the measured ones at the measured shape, and grow with the model', () => {
  const size = { tiles: 10, promptTokens: 2600, answerTokens: 120 };
  const at = (layerCount: number) =>
    shapeOf({ ...measuredConfig, decoder: { ...measuredConfig.decoder, layerCount } }, 'int4');
  const expected = expectedSeconds(table, shapeOf(measuredConfig, 'int4'), size)!;
  const near = (found: number, wanted: number) => assert.ok(Math.abs(found - wanted) < 1e-9, `${found}`);
  near(expected.visionS, 0.9); // 10 × 90 ms on coreml
  near(expected.prefillS, 2600 / 900);
  near(expected.decodeS, 2);
  near(expected.totalS, expected.visionS + expected.prefillS + expected.decodeS);
  const twice = expectedSeconds(table, at(48), size)!;
  near(twice.prefillS, 2 * expected.prefillS);
  assert.ok(
    twice.decodeS > 1.5 * expected.decodeS && twice.decodeS < 2 * expected.decodeS,
    'lm_head is read once',
  );
  near(twice.visionS, expected.visionS);
  assert.equal(expectedSeconds(null, at(24), size), null);
});
