/** The API server's switch over the real service: off at first, one server at most, a token that is kept and renewed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { freePort } from '../support/free-port.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { scriptedEngine, startService } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('it is off at first, runs once, answers its token alone, renews it, and is off again after a restart', async (t) => {
  const folder = await temporaryFolder(t);
  await writeScriptedAssets(folder);
  const profile = join(folder, 'profile');
  const start = () => startService({ profile, engineFile: scriptedEngine, assets: join(folder, 'assets') });
  let service = start();
  t.after(() => service.shutdown());
  const { page } = service;
  assert.deepEqual(await page.describeApiServer({}), {
    url: null,
    port: 23_333,
    token: null,
    isTokenKept: false,
  });

  const port = await freePort();
  const [first, second] = await Promise.allSettled([
    page.turnApiServerOn({ port }),
    page.turnApiServerOn({ port: port + 1 }),
  ]);
  assert.ok(first.status === 'fulfilled' && second.status === 'rejected', 'one server, whoever asks at once');
  const { url, token } = first.value;
  assert.equal(url, `http://127.0.0.1:${port}`);
  assert.ok(token !== null && token.length >= 32);
  const status = async (key: string) =>
    (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.deepEqual([await status(token), await status('wrong')], [200, 401]);
  assert.ok(
    !(await readFile(join(profile, 'api-server.json'), 'utf8')).includes(token),
    'sealed by the shell',
  );

  const renewed = (await page.renewApiToken({})).token;
  assert.ok(renewed !== null && renewed !== token);
  assert.deepEqual([await status(token), await status(renewed)], [401, 200]);

  const off = await page.turnApiServerOff({});
  assert.deepEqual({ ...off }, { url: null, port, token: renewed, isTokenKept: true });
  await assert.rejects(status(renewed), 'nobody listens');
  await page.turnApiServerOn({ port });
  await service.shutdown();
  service = start();
  // This test's shell opens nothing that it sealed: then a new token is made at the next start.
  const after = await service.page.describeApiServer({});
  assert.deepEqual(after, { url: null, port, token: null, isTokenKept: false });
  const again = await service.page.turnApiServerOn({ port });
  assert.ok(again.token !== null && again.token !== renewed);
});

test('a port that is taken is said, and ports of the system are refused', async (t) => {
  const folder = await temporaryFolder(t);
  await writeScriptedAssets(folder);
  const service = startService({
    profile: join(folder, 'profile'),
    engineFile: scriptedEngine,
    assets: join(folder, 'assets'),
  });
  t.after(() => service.shutdown());
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  assert.ok(typeof address === 'object' && address);
  await assert.rejects(service.page.turnApiServerOn({ port: address.port }), /can't listen at port/);
  await assert.rejects(service.page.turnApiServerOn({ port: 80 }), { code: 'invalid_request' });
  assert.equal((await service.page.describeApiServer({})).url, null);
});
