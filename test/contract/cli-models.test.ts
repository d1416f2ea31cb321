/** `models` as a person runs it: fetched from a Hub, listed, checked, removed; Ctrl-C keeps what has arrived. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startMockHub } from '../support/mock-hub.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

const cli = fileURLToPath(new URL('../../main/cli/index.ts', import.meta.url));

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
  const run = async (args: string[], onStart: (stop: () => void) => void = () => {}) => {
    const child = spawn(process.execPath, [cli, 'models', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    onStart(() => child.kill('SIGINT'));
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
