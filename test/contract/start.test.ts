/** `npm start` without a window: the sample's answer, the address, the reason, and an end in order. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const entry = fileURLToPath(new URL('../../main/cli/start.ts', import.meta.url));

async function start(t: TestContext, words: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [entry, ...words], {
    env: { ...process.env, INTERNVL_HOME: await temporaryFolder(t), ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => (said.stdout += bytes));
  child.stderr.on('data', (bytes) => (said.stderr += bytes));
  return { child, said, code: once(child, 'exit').then(([code]) => code as number | null) };
}

describe('npm start', () => {
  it('says why there is no window, prints the sample’s answer and the address, and serves until Ctrl-C', async (t) => {
    const beganMs = performance.now();
    const { child, said, code } = await start(t, [], { DISPLAY: '', WAYLAND_DISPLAY: '' });
    while (!said.stdout.includes('?token=') && child.exitCode === null) await sleep(50);
    const seconds = (performance.now() - beganMs) / 1000;
    if (process.platform === 'linux')
      assert.match(said.stderr, /^No window, since there is no display: .*\n/);
    assert.match(said.stdout, /What is the total\?\n[^\n]*84\.78/, said.stderr);
    const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}/.exec(said.stdout)?.[0] ?? '';
    const page = await fetch(url, { redirect: 'manual' });
    assert.equal(page.status, 303);
    const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
    assert.match(await (await fetch(new URL('/', url), { headers: { cookie } })).text(), /<div id="root">/);
    child.kill('SIGINT');
    assert.equal(await code, 0);
    t.diagnostic(`start to address: ${seconds.toFixed(1)} s`);
    assert.ok(seconds < 90, `${seconds} s`);
  });

  it('leaves at once when stopped while the sample is answered', async (t) => {
    const { child, said, code } = await start(t, ['--headless']);
    while (!said.stdout.includes('What is the total?') && child.exitCode === null) await sleep(20);
    child.kill('SIGINT');
    assert.equal(await code, 0);
    assert.ok(!said.stdout.includes('?token='));
  });

  it('explains itself, and says what it did not understand', async (t) => {
    const help = await start(t, ['--help']);
    assert.equal(await help.code, 0);
    assert.match(help.said.stdout, /--headless/);
    for (const words of [['--no-sandbox'], ['--port', 'x', '--headless'], ['--port=70000', '--headless']]) {
      const wrong = await start(t, words);
      assert.equal(await wrong.code, 2, words.join(' '));
    }
  });
});
