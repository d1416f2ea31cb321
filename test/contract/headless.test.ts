/** The headless host as a process of its own, with its real children: from its first line to its orderly end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isRunning } from '../support/child-liveness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const entry = fileURLToPath(new URL('../../main/hosts/headless.ts', import.meta.url));

interface Running {
  process: ChildProcess;
  base: string;
  token: string;
  ask(name: string, input: unknown): Promise<{ kind: string; payload: Record<string, unknown> }[]>;
  children(): number[];
}

async function startHeadless(t: TestContext, profile: string): Promise<Running> {
  const child = spawn(process.execPath, [entry], { env: { ...process.env, INTERNVL_HOME: profile } });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (bytes) => (said += bytes));
  for (let tries = 0; !/\?token=\S+\n/.test(said) && tries < 600; tries++) await sleep(50);
  const [, base = '', token = ''] = /(http:\S+)\/\?token=(\S+)/.exec(said) ?? [];
  assert.match(base, /^http:\/\/127\.0\.0\.1:\d+$/);
  return {
    process: child,
    base,
    token,
    async ask(name, input) {
      const response = await fetch(`${base}/api/${name}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(input),
      });
      return (await response.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
    children: () =>
      readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean)
        .map(Number),
  };
}

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];

describe('the headless host', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  it('serves the real service, keeps what it was told, and ends in order at Ctrl-C', async (t) => {
    const profile = await temporaryFolder(t);
    const host = await startHeadless(t, profile);
    const [described] = await host.ask('describeApp', {});
    assert.equal(described?.payload.host, 'headless');
    assert.equal(described?.payload.store, 'ready');
    const [created] = await host.ask('createConversation', {});
    const children = host.children();
    assert.equal(children.length, 1, 'engine, media and convert start when they are needed');
    host.process.kill('SIGINT');
    assert.equal(await ended(host.process), 0);
    assert.deepEqual(children.filter(isRunning), []);
    assert.ok(!existsSync(join(profile, 'app.lock')));

    const again = await startHeadless(t, profile);
    const [found] = await again.ask('getConversation', { id: created?.payload.id });
    assert.equal(found?.payload.id, created?.payload.id);
    assert.notEqual(again.token, host.token);
    again.process.kill('SIGTERM');
    assert.equal(await ended(again.process), 0);
  });

  it('tells a second instance, which touches nothing, and takes over from one that was killed', async (t) => {
    const profile = await temporaryFolder(t);
    const first = await startHeadless(t, profile);
    const second = spawn(process.execPath, [entry], { env: { ...process.env, INTERNVL_HOME: profile } });
    let complaint = '';
    second.stderr.on('data', (bytes) => (complaint += bytes));
    assert.equal(await ended(second), 1);
    assert.match(complaint, /running already/);
    assert.equal((await first.ask('describeApp', {}))[0]?.payload.store, 'ready');
    const children = first.children();
    first.process.kill('SIGKILL');
    await ended(first.process);
    const third = await startHeadless(t, profile);
    assert.equal((await third.ask('describeApp', {}))[0]?.payload.store, 'ready');
    assert.deepEqual(children.filter(isRunning), [], 'children die with their parent');
  });

  it('starts a service that was killed again, and answers on the same address', async (t) => {
    const host = await startHeadless(t, await temporaryFolder(t));
    const [service] = host.children();
    const watching = fetch(`${host.base}/api/watchApp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    await (await watching).clone().body?.getReader().read();
    process.kill(service ?? 0, 'SIGKILL');
    assert.match(await (await watching).text(), /"child_gone"/, 'an open stream ends with the reason');
    for (let tries = 0; tries < 100; tries++) {
      const [answer] = await host.ask('describeApp', {});
      if (answer?.kind === 'value') return;
      await sleep(50);
    }
    assert.fail('the service did not come back');
  });

  it('keeps its folder, its lock and its secrets from other users', async (t) => {
    const profile = join(await temporaryFolder(t), 'profile');
    await startHeadless(t, profile);
    assert.equal(statSync(profile).mode & 0o777, 0o700);
    assert.equal(statSync(join(profile, 'app.lock')).mode & 0o777, 0o600);
  });

  it('says so where the profile can’t be written, and still starts', async (t) => {
    if (process.getuid?.() === 0) return t.skip('root may write everywhere');
    const profile = await temporaryFolder(t);
    chmodSync(profile, 0o500);
    const host = await startHeadless(t, profile);
    assert.equal((await host.ask('describeApp', {}))[0]?.payload.store, 'read-only');
  });
});
