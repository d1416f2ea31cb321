/** The API server's switch as a person uses it: off at first, on with a click, and the line it offers really asks. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import test from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.ts';
import { eventually } from './support/eventually.ts';
import { settingsPage } from './support/library-pages.ts';
import { noBrowser, startApp } from './support/running-app.ts';

test('it is off until switched on, answers the line it shows, changes its token, and is off after a restart', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  await app.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const settings = settingsPage(app.page);
  const { dialog } = settings;
  await settings.open();
  await settings.section('API server');
  await dialog.getByText('The server is off.').waitFor();
  assert.equal((await app.call('describeApiServer', {})).url, null);

  const port = await freePort();
  const models = (token: string) =>
    fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  const theSwitch = dialog.getByRole('switch', { name: 'API server' });
  const portField = dialog.getByRole('textbox', { name: 'Port' });
  await portField.fill('80');
  await theSwitch.and(dialog.locator(':disabled')).waitFor({ state: 'attached' }); // no port below 1024
  await portField.fill(String(port));
  await theSwitch.click({ force: true });
  await dialog.getByText('Running').waitFor();

  const { token } = await app.call('describeApiServer', {});
  assert.ok(token !== null);
  const field = dialog.getByRole('textbox', { name: 'Token' });
  assert.doesNotMatch(await field.inputValue(), /[A-Za-z0-9]/, 'hidden at first');
  await dialog.getByRole('button', { name: 'Show token' }).click();
  await eventually(async () => assert.equal(await field.inputValue(), token));
  assert.ok(!(await dialog.locator('pre').innerText()).includes(token), 'the shown line is safe to look at');

  await dialog.getByRole('button', { name: 'Copy command' }).click();
  const line = await eventually(async () => {
    const copied = await app.page.evaluate('navigator.clipboard.readText()');
    assert.match(String(copied), /^curl/);
    return String(copied);
  });
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} --silent --max-time 60`]);
  const answer = JSON.parse(stdout) as { choices: { message: { content: string } }[] };
  assert.match(answer.choices[0]?.message.content ?? '', /demo/);

  await dialog.getByRole('button', { name: 'New token' }).click();
  const renewed = await eventually(async () => {
    const now = (await app.call('describeApiServer', {})).token;
    assert.ok(now !== null && now !== token);
    return now;
  });
  await eventually(async () => assert.equal(await field.inputValue(), renewed));
  assert.equal((await models(token)).status, 401);
  assert.equal((await models(renewed)).status, 200);

  await theSwitch.click({ force: true });
  await dialog.getByText('The server is off.').waitFor();
  await assert.rejects(models(renewed), 'nobody listens');

  await theSwitch.click({ force: true });
  await dialog.getByText('Running').waitFor();
  await app.restart();
  const after = await app.call('describeApiServer', {});
  assert.deepEqual(
    { url: after.url, port: after.port, token: after.token },
    { url: null, port, token: renewed },
  );
  assert.deepEqual(app.faults, []);
});

test('a port that is taken is said, and the server stays off', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once('listening', resolve));
  const address = taken.address();
  assert.ok(typeof address === 'object' && address);
  const settings = settingsPage(app.page);
  await settings.open();
  await settings.section('API server');
  await settings.dialog.getByRole('textbox', { name: 'Port' }).fill(String(address.port));
  await settings.dialog
    .getByRole('switch', { name: 'API server' })
    .check({ force: true })
    .catch(() => {});
  await app.page.getByText(`can't listen at port ${address.port}`).waitFor();
  assert.equal((await app.call('describeApiServer', {})).url, null);
});
