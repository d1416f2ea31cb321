/** `models` as a person runs it: fetched from a Hub, listed, checked, removed; Ctrl-C keeps what has arrived. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeZip } from '../support/make-zip.ts';
import { startMockHub } from '../support/mock-hub.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { exportedCheckpoint, makeTinyExport } from '../support/tiny-export.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

const cli = fileURLToPath(new URL('../../main/cli/index.ts', import.meta.url));
const embeddedModel = fileURLToPath(new URL('../../assets/embedded-model', import.meta.url));

async function prepare(t: TestContext) {
  const names = await readdir(tinyCheckpoint);
  const files = names.map(async (name) => [name, await readFile(join(tinyCheckpoint, name))] as const);
  const hub = await startMockHub(Object.fromEntries(await Promise.all(files)));
  t.after(() => hub.close());
  const home = await temporaryFolder(t);
  const env = {
    ...process.env,
    HF_ENDPOINT: hub.origin,
    INTERNVL_HOME: home,
    HF_HUB_CACHE: join(home, 'hf'),
  };
  const run = async (
    args: string[],
    onStart: (stop: (signal?: NodeJS.Signals) => void) => void = () => {},
  ) => {
    const child = spawn(process.execPath, [cli, 'models', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, as in a terminal
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    onStart((signal = 'SIGINT') => process.kill(-child.pid!, signal));
    const [code] = await once(child, 'close');
    return { code, out, err };
  };
  return { hub, home, run };
}

test('a model is fetched, listed, checked byte by byte, and removed', async (t) => {
  const { home, run } = await prepare(t);
  const got = await run(['get', 'owner/name', '--precision', 'int8', '--json']);
  assert.equal(got.code, 0, got.err);
  assert.match(got.err, /licence: mit/);
  assert.equal(JSON.parse(got.out).model.id, 'name-int8');
  const listed = JSON.parse((await run(['list', '--json'])).out);
  assert.deepEqual(
    listed.models.map(({ id }: { id: string }) => id),
    ['demo', 'name-int8'],
  );
  assert.equal((await run(['check', 'name-int8', '--files'])).code, 0);
  const file = await open(join(home, 'models', 'name-int8', 'tokens.bin'), 'r+');
  await file.write(Buffer.from([255, 254]), 0, 2, 500);
  await file.close();
  const damaged = await run(['check', 'name-int8', '--files', '--json']);
  assert.equal(damaged.code, 1);
  assert.deepEqual(JSON.parse(damaged.out), { damaged: ['tokens.bin'] });
  assert.equal((await run(['remove', 'name-int8'])).code, 0);
  const gone = await run(['remove', 'name-int8', '--json']);
  assert.equal(gone.code, 1);
  assert.equal(JSON.parse(gone.out).error.code, 'not_found');
});

test('Ctrl-C ends a download with 130, and the same command goes on with what has arrived', async (t) => {
  const { hub, run } = await prepare(t);
  let stop = () => {};
  hub.misbehave = (request, response, file) => {
    if (file !== 'model.safetensors') return false;
    const weights = hub.files.get(file)!;
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = `bytes ${start}-${weights.length - 1}/${weights.length}`;
    response.writeHead(206, { 'content-length': weights.length - start, 'content-range': range });
    response.write(weights.subarray(start, start + 1000));
    setTimeout(() => stop(), 300);
    return true;
  };
  const stopped = await run(['get', 'owner/name'], (kill) => {
    stop = kill;
  });
  assert.equal(stopped.code, 130, stopped.err);
  assert.match(stopped.err, /What has arrived is kept/);
  hub.misbehave = () => false;
  const before = hub.requests.length;
  assert.equal((await run(['get', 'owner/name'])).code, 0);
  const again = hub.requests.slice(before).filter(({ path }) => path.endsWith('/vocab.json'));
  assert.deepEqual(again, [], 'small files were there already');
});

/** Waits until a conversion has stored something, looking often. */
async function untilBegun(partial: string): Promise<void> {
  for (let tries = 0; tries < 10_000; tries++) {
    const found = await stat(join(partial, 'decoder.bin')).catch(() => null);
    if (found) return;
    await sleep(3);
  }
  throw new Error('no conversion began');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a conversion stopped by ${signal} to all its processes says so, and the same command goes on with it`, async (t) => {
    const { home, run } = await prepare(t);
    const models = join(home, 'models');
    const partial = join(models, 'embedded-model-fp32.partial');
    const command = ['convert', embeddedModel, '--precision', 'fp32', '--json'];
    const stopped = await run(command, (stop) => void untilBegun(partial).then(() => stop(signal)));
    assert.equal(stopped.code, 130, stopped.err);
    assert.doesNotMatch(stopped.err, /unexpectedly/);
    assert.match(stopped.err, /What is converted is kept/);
    const { birthtimeNs } = await stat(join(partial, 'vision.bin'), { bigint: true });
    const { model } = JSON.parse((await run(command)).out);
    assert.equal(model.id, 'embedded-model-fp32');
    const finished = await stat(join(models, model.id, 'vision.bin'), { bigint: true });
    assert.equal(finished.birthtimeNs, birthtimeNs, 'what was stored was not stored again');
  });
}

test('an export of transformers.js comes from a folder and a zip, is mended, and can’t be compared', async (t) => {
  const { home, run } = await prepare(t);
  const { source } = await makeTinyExport(t);
  const fromFolder = JSON.parse((await run(['import', source, '--json'])).out);
  assert.equal(fromFolder.model.id, 'export');
  assert.deepEqual(fromFolder.model.precision, { vision: 'fp32', decoder: 'fp32' });
  const archive = join(home, 'phi.zip');
  const names = (await readdir(source, { recursive: true })).filter((name) => name.includes('.'));
  const members = names.map(async (name) => ({
    name: `phi/${name}`,
    content: await readFile(join(source, name)),
  }));
  await writeFile(archive, makeZip(await Promise.all(members)));
  const fromZip = await run(['import', archive, '--json']);
  assert.equal(JSON.parse(fromZip.out).model.id, 'phi', fromZip.err);

  const folder = join(home, 'models', 'phi');
  const whole = await readFile(join(folder, 'vision-1.bin'));
  await writeFile(
    join(folder, 'vision-1.bin'),
    Uint8Array.from(whole, (byte, at) => byte ^ Number(at === 99)),
  );
  const damaged = await run(['check', 'phi', '--files']);
  assert.match(damaged.out, /Damaged: vision-1\.bin\. Mend it with "models repair phi"/);
  assert.match((await run(['repair', 'phi'])).out, /Mended: vision-1\.bin/);
  assert.deepEqual(await readFile(join(folder, 'vision-1.bin')), whole);
  assert.equal((await run(['check', 'phi', '--files'])).code, 0);

  const compared = await run(['check', 'phi', '--checkpoint', exportedCheckpoint, '--json']);
  assert.equal(compared.code, 1);
  assert.match(JSON.parse(compared.out).error.message, /ready-made export/);
});
