/** Downloads from a Hub that breaks off, lies, stalls and redirects: byte-exact or a typed error, never half a model. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBandwidth } from '../../main/service/models/hub/bandwidth.ts';
import {
  type DownloadCheckpointRequest,
  type DownloadState,
  downloadCheckpoint,
  forgetDownloads,
} from '../../main/service/models/hub/download-checkpoint.ts';
import { describeHub, type Hub } from '../../main/service/models/hub/hub-request.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { freePort } from '../support/free-port.ts';
import { type MockHub, sendFile, startMockHub } from '../support/mock-hub.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const quick = { stallMs: 400, tries: 4, firstWaitMs: 5, longestWaitMs: 50 };

function noise(sizeBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = seed;
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const weights = noise(5_000_123, 7);
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function start(t: TestContext): Promise<{ hub: MockHub; library: string }> {
  const hub = await startMockHub({
    'config.json': text({ architectures: ['InternVLChatModel'] }),
    'tokenizer.json': text({ model: {} }),
    'model.safetensors': weights,
    'modeling_internvl_chat.py': text('print("never fetched")'),
    'pytorch_model.bin': noise(1000, 3),
  });
  t.after(() => hub.close());
  return { hub, library: await temporaryFolder(t) };
}

function requestFor(
  hub: MockHub,
  library: string,
  change: Partial<DownloadCheckpointRequest> & { hubChange?: Partial<Hub> } = {},
): DownloadCheckpointRequest {
  const { hubChange, ...rest } = change;
  return {
    hub: { ...describeHub({ endpoint: hub.origin, token: 'secret-token' }), limits: quick, ...hubChange },
    repository: { id: 'owner/name', revision: null },
    library,
    copyBytes: 0,
    bandwidth: createBandwidth(),
    judgeConfig: async () => {},
    onProgress: () => {},
    signal: new AbortController().signal,
    ...rest,
  };
}

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

async function assertWhole(folder: string): Promise<void> {
  assert.deepEqual(new Uint8Array(await readFile(join(folder, 'model.safetensors'))), weights);
}

test('a checkpoint arrives byte by byte, without its code and pickles, and is not fetched twice', async (t) => {
  const { hub, library } = await start(t);
  const states: DownloadState[] = [];
  const request = requestFor(hub, library, { onProgress: (state) => states.push(state) });
  const { folder, revision } = await downloadCheckpoint(request);
  await assertWhole(folder);
  assert.deepEqual((await readdir(folder)).sort(), ['config.json', 'model.safetensors', 'tokenizer.json']);
  assert.equal(revision.license, 'mit');
  const last = states.at(-1);
  assert.equal(last?.doneBytes, last?.totalBytes);
  const before = hub.sentBytes;
  await downloadCheckpoint(request);
  assert.equal(hub.sentBytes, before);
});

test('a hundred broken connections cost no byte twice but the unfinished ones', async (t) => {
  const { hub, library } = await start(t);
  let seed = 1;
  let breaks = 0;
  hub.cutAfter = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    if (breaks >= 100) return null;
    breaks += 1;
    return 1 + (seed % 90_000);
  };
  const { folder } = await downloadCheckpoint(requestFor(hub, library));
  await assertWhole(folder);
  assert.equal(breaks, 100);
  assert.ok(hub.sentBytes < weights.length * 1.01 + 1000, `${hub.sentBytes} bytes were sent`);
});

test('a killed download goes on in the next process where it stopped', async (t) => {
  const { hub, library } = await start(t);
  const child = spawn(process.execPath, [
    join(import.meta.dirname, '../support/download-slowly.ts'),
    hub.origin,
    library,
  ]);
  const whole = async () => {
    const [work] = await readdir(library);
    const state = await readFile(join(library, `${work}`, 'model.safetensors.state'), 'utf8').catch(
      () => '{}',
    );
    return ((JSON.parse(state) as { segments?: string }).segments ?? '').replaceAll('0', '').length;
  };
  while ((await whole()) < 8) await sleep(20);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok((await readdir(library)).every((name) => name.endsWith('.download')));
  const kept = (await whole()) * 256 * 1024;
  hub.requests.length = 0;
  const { folder } = await downloadCheckpoint(requestFor(hub, library));
  await assertWhole(folder);
  const asked = hub.requests.reduce((sum, { range }) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    return start === undefined ? sum : sum + Number(end) + 1 - Number(start);
  }, 0);
  assert.equal(asked, weights.length - kept);
});

test('a changed revision begins anew and is never spliced', async (t) => {
  const { hub, library } = await start(t);
  const pause = new AbortController();
  hub.misbehave = (_, __, file) => {
    if (file === 'model.safetensors' && hub.sentBytes > 2_000_000) pause.abort();
    return false;
  };
  const paused = downloadCheckpoint(
    requestFor(hub, library, { signal: pause.signal, bandwidth: createBandwidth(8_000_000) }),
  );
  setTimeout(() => pause.abort(), 250);
  await assert.rejects(paused, { name: 'AbortError' });
  hub.misbehave = () => false;
  hub.commit = 'b'.repeat(40);
  const changed = noise(weights.length, 99);
  hub.files.set('model.safetensors', changed);
  const { folder } = await downloadCheckpoint(requestFor(hub, library));
  assert.deepEqual(new Uint8Array(await readFile(join(folder, 'model.safetensors'))), changed);
  assert.deepEqual(await readdir(library), [folder.slice(library.length + 1)]);
});

test('one flipped byte at the same size is never shown as a model', async (t) => {
  const { hub, library } = await start(t);
  const flipped = weights.slice();
  flipped[4_000_000]! ^= 1;
  hub.misbehave = (request, response, file) => {
    if (file !== 'model.safetensors') return false;
    sendFile(hub, request, response, flipped);
    return true;
  };
  await assert.rejects(downloadCheckpoint(requestFor(hub, library)), isCode('download_corrupt'));
  assert.ok((await readdir(library)).every((name) => name.endsWith('.download')));
  hub.misbehave = () => false;
  await assertWhole((await downloadCheckpoint(requestFor(hub, library))).folder);
});

test('a kept segment that went bad on the disk is found by the hash and fetched again', async (t) => {
  const { hub, library } = await start(t);
  const pause = new AbortController();
  setTimeout(() => pause.abort(), 300);
  const slow = requestFor(hub, library, { signal: pause.signal, bandwidth: createBandwidth(8_000_000) });
  await assert.rejects(downloadCheckpoint(slow), { name: 'AbortError' });
  const [work] = await readdir(library);
  const part = join(library, work!, 'model.safetensors.part');
  const bytes = await readFile(part);
  bytes[1000]! ^= 1;
  await writeFile(part, bytes);
  await assertWhole((await downloadCheckpoint(requestFor(hub, library))).folder);
});

for (const [what, answer, code] of [
  ['a wrong length', { status: 200, headers: { 'content-length': '17' } }, 'download_corrupt'],
  ['a range that is not satisfiable', { status: 416, headers: {} }, 'download_corrupt'],
  [
    'another range than asked',
    { status: 206, headers: { 'content-range': 'bytes 5-9/5000123' } },
    'network_failed',
  ],
  ['a revoked token', { status: 401, headers: {} }, 'access_denied'],
  ['a gated repository', { status: 403, headers: {} }, 'access_denied'],
  ['a file that is gone', { status: 404, headers: {} }, 'not_found'],
  ['a Hub that stays busy', { status: 503, headers: {} }, 'network_failed'],
] as const) {
  test(`${what} is ${code}`, async (t) => {
    const { hub, library } = await start(t);
    hub.misbehave = (_, response, file) => {
      if (file !== 'model.safetensors') return false;
      response.writeHead(answer.status, answer.headers).end('x'.repeat(answer.status === 200 ? 17 : 0));
      return true;
    };
    await assert.rejects(downloadCheckpoint(requestFor(hub, library)), isCode(code));
    assert.ok((await readdir(library)).every((name) => name.endsWith('.download')));
  });
}

test('a server that knows no ranges serves too, and a busy one is waited for as it asks', async (t) => {
  const { hub, library } = await start(t);
  let busy = 3;
  hub.misbehave = (request, response, file) => {
    if (busy-- > 0) {
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    }
    delete request.headers.range;
    sendFile(hub, request, response, hub.files.get(file)!);
    return true;
  };
  await assertWhole((await downloadCheckpoint(requestFor(hub, library))).folder);
});

test('a stalled connection counts as broken, and cancel ends within a second', async (t) => {
  const { hub, library } = await start(t);
  let stalls = 2;
  hub.misbehave = (_, response, file) => {
    if (file !== 'model.safetensors' || stalls-- <= 0) return false;
    response.writeHead(206, { 'content-range': `bytes 0-4999/${weights.length}` }).flushHeaders();
    return true;
  };
  await assertWhole((await downloadCheckpoint(requestFor(hub, library))).folder);

  const other = await temporaryFolder(t);
  hub.misbehave = (_, response, file) => {
    if (file !== 'model.safetensors') return false;
    response.writeHead(206, { 'content-range': `bytes 0-4999/${weights.length}` }).flushHeaders();
    return true;
  };
  const stop = new AbortController();
  const patient = { limits: { ...quick, stallMs: 60_000 } };
  const running = downloadCheckpoint(requestFor(hub, other, { signal: stop.signal, hubChange: patient }));
  setTimeout(() => stop.abort(), 100);
  const startMs = Date.now();
  await assert.rejects(running, { name: 'AbortError' });
  assert.ok(Date.now() - startMs < 1100);
  await forgetDownloads(other, 'owner/name');
  assert.deepEqual(await readdir(other), []);
});

test('the token stays with the Hub through every redirect, and strange hosts are refused', async (t) => {
  const { hub, library } = await start(t);
  const storage = await startMockHub(Object.fromEntries(hub.files));
  t.after(() => storage.close());
  hub.misbehave = (_, response, file) => {
    response.writeHead(302, { location: `${storage.origin}/storage/${file}` }).end();
    return true;
  };
  await assert.rejects(downloadCheckpoint(requestFor(hub, library)), isCode('path_refused'));
  assert.equal(storage.requests.length, 0);
  const host = new URL(storage.origin).host;
  const { folder } = await downloadCheckpoint(requestFor(hub, library, { hubChange: { fileHosts: [host] } }));
  await assertWhole(folder);
  assert.ok(storage.requests.length > 0);
  assert.ok(storage.requests.every((request) => request.authorization === undefined));
  assert.ok(hub.requests.every((request) => request.authorization === 'Bearer secret-token'));
});

test('an endless chain of redirects ends', async (t) => {
  const { hub, library } = await start(t);
  hub.misbehave = (request, response) => {
    response.writeHead(302, { location: `${hub.origin}${request.url}` }).end();
    return true;
  };
  await assert.rejects(downloadCheckpoint(requestFor(hub, library)), isCode('network_failed'));
});

test('a config that can’t run is refused before any weights come', async (t) => {
  const { hub, library } = await start(t);
  const judgeConfig = async () => {
    throw new AppError('checkpoint_unsupported', 'not this one');
  };
  await assert.rejects(
    downloadCheckpoint(requestFor(hub, library, { judgeConfig })),
    isCode('checkpoint_unsupported'),
  );
  assert.ok(hub.requests.every((request) => !request.path.includes('safetensors')));
});

test('a repository of pickles, and one without config, are refused', async (t) => {
  const { hub, library } = await start(t);
  hub.files.delete('model.safetensors');
  await assert.rejects(downloadCheckpoint(requestFor(hub, library)), /pickles only/);
  hub.files.delete('config.json');
  hub.files.delete('pytorch_model.bin');
  await assert.rejects(downloadCheckpoint(requestFor(hub, library)), /no checkpoint/);
});

test('too little room for source and copy is said before anything is fetched', async (t) => {
  const { hub, library } = await start(t);
  await assert.rejects(
    downloadCheckpoint(requestFor(hub, library, { copyBytes: Number.MAX_SAFE_INTEGER / 2 })),
    isCode('disk_full'),
  );
  assert.equal(hub.sentBytes, 0);
});

test('a bandwidth limit holds', async (t) => {
  const { hub, library } = await start(t);
  const startMs = Date.now();
  await downloadCheckpoint(requestFor(hub, library, { bandwidth: createBandwidth(4_000_000) }));
  assert.ok(Date.now() - startMs > 1100, 'five megabytes at four a second took less than 1.1 s');
});

test('nothing listens: told, not hung', async (t) => {
  const hub = { ...describeHub({ endpoint: `http://127.0.0.1:${await freePort()}` }), limits: quick };
  const request = requestFor({ origin: hub.endpoint } as MockHub, await temporaryFolder(t));
  await assert.rejects(downloadCheckpoint(request), isCode('network_failed'));
});
