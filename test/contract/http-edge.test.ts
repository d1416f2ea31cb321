/** The HTTP edge's routes: what each answers, within which limits, and what it never gives. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxBodyBytes } from '../../main/hosts/edge/api-route.ts';
import { askRaw, type EdgeUnderTest, startEdge, storedBytes, storedId } from '../support/edge-under-test.ts';

describe('the HTTP edge', () => {
  let under: EdgeUnderTest;
  const good = () => under.headers();

  before(async () => {
    under = await startEdge();
  });
  after(() => under.close());

  const lines = (body: Buffer) =>
    body
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; payload: unknown });
  const post = (name: string, input: unknown) =>
    askRaw(under.port, {
      method: 'POST',
      path: `/api/${name}`,
      headers: good(),
      body: JSON.stringify(input),
    });

  it('turns the token of the printed address into a cookie that scripts and other sites never get', async () => {
    const host = { host: `localhost:${under.port}` };
    const login = await askRaw(under.port, {
      method: 'GET',
      path: `/?token=${under.edge.token}`,
      headers: host,
    });
    assert.equal(login.status, 303);
    assert.equal(login.headers.location, '/');
    const cookie = String(login.headers['set-cookie']);
    assert.match(cookie, new RegExp(`^internvl-${under.port}=.*; HttpOnly; SameSite=Strict; Path=/$`));
    const page = await askRaw(under.port, {
      method: 'GET',
      path: '/',
      headers: { ...host, cookie: cookie.split(';')[0]! },
    });
    assert.equal(page.status, 200);
    const wrong = await askRaw(under.port, { method: 'GET', path: '/?token=wrong', headers: host });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.headers['set-cookie'], undefined);
  });

  it('gives each page a nonce of its own, in the policy and in the page', async () => {
    const get = () => askRaw(under.port, { method: 'GET', path: '/', headers: good() });
    const [first, second] = [await get(), await get()];
    const nonceOf = (answer: typeof first) => /nonce="([\w-]+)"/.exec(answer.body.toString())?.[1];
    assert.notEqual(nonceOf(first), nonceOf(second));
    const policy = String(first.headers['content-security-policy']);
    assert.ok(policy.includes(`'nonce-${nonceOf(first)}'`) && !first.body.includes('__CSP_NONCE__'));
    assert.ok(!/script-src[^;]*unsafe|unsafe-eval/.test(policy));
  });

  it('serves what the build made and nothing beside it, however a path is written', async () => {
    const get = (path: string) => askRaw(under.port, { method: 'GET', path, headers: good() });
    assert.equal((await get('/assets/app.js')).status, 200);
    const tricks = [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/%252e%252e/secret.txt',
      '/assets/..%5c..%5csecret.txt',
      '/assets/app.js%00.png',
      '/assets//app.js',
      '/./assets/app.js',
      '/assets/app.js/',
      '//secret.txt',
      '/assets/%61pp.js',
      '/index.html',
      '/assets',
      '/etc/passwd',
      '/C:/secret.txt',
      '/assets/app.js::$DATA',
      '/attachment/../assets/app.js',
      `/attachment/${storedId.toUpperCase()}`,
      `/attachment/${storedId}/..`,
      '/api/../upload',
    ];
    for (const path of tricks) {
      const answer = await get(path);
      assert.ok([400, 404, 405].includes(answer.status), `${path}: ${answer.status}`);
      assert.ok(!answer.body.includes('outside'), path);
    }
  });

  it('answers with a line per value, then the end or the fault', async () => {
    assert.deepEqual(lines((await post('echo', { text: 'ü' })).body), [
      { kind: 'value', payload: { text: 'ü' } },
      { kind: 'end' },
    ]);
    assert.deepEqual(lines((await post('fail', {})).body), [
      { kind: 'error', payload: { code: 'media_broken', message: 'The picture is torn.', retryable: true } },
    ]);
    assert.deepEqual(lines((await post('giveBytes', {})).body)[0], {
      kind: 'value',
      payload: { $bytes: 'AP8H' },
    });
    assert.equal(
      (lines((await post('noSuchThing', {})).body)[0]?.payload as { code?: string } | undefined)?.code,
      'not_found',
    );
  });

  it('carries inputs and answers far longer than a frame', async () => {
    const text = 'x😀'.repeat(500_000);
    assert.deepEqual(lines((await post('echo', { text })).body)[0], { kind: 'value', payload: { text } });
  });

  it('refuses bodies that are too large, too deep or no JSON, and goes on', async () => {
    const send = (body: string) =>
      askRaw(under.port, { method: 'POST', path: '/api/echo', headers: good(), body });
    assert.equal((await send('x'.repeat(maxBodyBytes + 1))).status, 413);
    assert.equal((await send('{')).status, 400);
    const deep = lines((await send('['.repeat(100_000) + ']'.repeat(100_000))).body);
    assert.equal((deep[0]?.payload as { code?: string } | undefined)?.code, 'invalid_request');
    assert.equal((await post('echo', { text: 'a' })).status, 200);
  });

  it('cancels what a reader has left, also while nothing is said', async () => {
    const before = under.reached.length;
    const abort = new AbortController();
    const response = await fetch(`${under.edge.url}/api/wait`, {
      method: 'POST',
      body: '{}',
      signal: abort.signal,
      headers: { authorization: `Bearer ${under.edge.token}`, 'content-type': 'application/json' },
    });
    await response.body?.getReader().read();
    abort.abort();
    for (let tries = 0; !under.reached.slice(before).includes('cancelled') && tries < 100; tries++)
      await sleep(20);
    assert.ok(under.reached.slice(before).includes('cancelled'));
  });

  describe('bytes', () => {
    const get = (headers: Record<string, string> = {}) =>
      askRaw(under.port, {
        method: 'GET',
        path: `/attachment/${storedId}`,
        headers: { ...good(), ...headers },
      });
    const size = storedBytes.length;

    for (const [range, start, end] of [
      ['bytes=0-9', 0, 9],
      ['bytes=99990-', 99_990, size - 1],
      ['bytes=-5', size - 5, size - 1],
      ['bytes=5-999999', 5, size - 1],
      ['bytes=-999999', 0, size - 1],
    ] as const) {
      it(`gives the stretch ${range}`, async () => {
        const answer = await get({ range });
        assert.equal(answer.status, 206);
        assert.equal(answer.headers['content-range'], `bytes ${start}-${end}/${size}`);
        assert.deepEqual(answer.body, Buffer.from(storedBytes.subarray(start, end + 1)));
      });
    }

    it('gives all of it without a range it understands, and refuses one behind the end', async () => {
      for (const range of ['bytes=0-1,4-5', 'pages=1-2', 'bytes=9-3', 'bytes=-', 'bytes=a-b'])
        assert.deepEqual((await get({ range })).body, Buffer.from(storedBytes), range);
      const behind = await get({ range: `bytes=${size}-` });
      assert.equal(behind.status, 416);
      assert.equal(behind.headers['content-range'], `bytes */${size}`);
    });

    it('keeps nothing in caches and lets no other origin embed it', async () => {
      const { headers } = await get();
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(String(headers['content-security-policy']), /sandbox/);
    });

    it('refuses a view that is no place in a file', async () => {
      for (const query of ['box=0,0,2,2', 'box=1', 'page=0', 'page=x', 'maxSide=99999', 'timeMs=-1']) {
        const { status } = await askRaw(under.port, {
          method: 'GET',
          path: `/view/${storedId}?${query}`,
          headers: good(),
        });
        assert.equal(status, 400, query);
      }
    });
  });

  describe('uploads', () => {
    const put = (name: string, body: string | Buffer) =>
      askRaw(under.port, {
        method: 'PUT',
        path: `/upload?name=${encodeURIComponent(name)}`,
        headers: good(),
        body,
      });

    it('keeps the bytes under a name of its own and tells the service the file’s', async () => {
      const answer = await put('../../etc/bild.png', 'bytes');
      const { uploadId } = JSON.parse(answer.body.toString()) as { uploadId: string };
      assert.ok(readdirSync(under.powers.uploadFolder).includes(uploadId));
      assert.equal(under.reached.at(-1), 'upload bild.png');
    });

    it('keeps what shall stay in memory off the disk, and sends it on whole, in pieces', async () => {
      const before = readdirSync(under.powers.uploadFolder);
      const body = Buffer.from(Uint8Array.from({ length: 150_000 }, (_, at) => at % 251));
      const path = '/upload?name=geheim.png&to=memory';
      const answer = await askRaw(under.port, { method: 'PUT', path, headers: good(), body });
      assert.equal(answer.status, 200);
      assert.equal(under.reached.at(-1), `bytes geheim.png ${body.toString('hex')}`);
      assert.deepEqual(readdirSync(under.powers.uploadFolder), before);
      const headers = { ...good(), 'content-length': `${300 * 1024 ** 2}` };
      const refused = await askRaw(under.port, { method: 'PUT', path, headers }).catch(() => null);
      assert.ok(refused === null || refused.status === 413);
    });

    it('refuses a file without a name, and one that says it is too large, and leaves nothing behind', async () => {
      const before = readdirSync(under.powers.uploadFolder).length;
      assert.equal((await put('', 'bytes')).status, 400);
      const headers = { ...good(), 'content-length': `${3 * 1024 ** 3}` };
      const answer = await askRaw(under.port, { method: 'PUT', path: '/upload?name=a', headers }).catch(
        () => null,
      );
      assert.ok(answer === null || answer.status === 413);
      assert.equal(readdirSync(under.powers.uploadFolder).length, before);
    });
  });
});
