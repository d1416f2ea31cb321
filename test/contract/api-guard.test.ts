/** Who may not talk to the API server: every route against every way in that loopback alone does not close. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { routes } from '../../main/service/api-server/routes.ts';
import { startApiServer } from '../../main/service/api-server/start-api-server.ts';
import { scriptedApiEngine } from '../support/scripted-api-engine.ts';

const token = 'right-token';

async function start(t: TestContext, options: { queueLength?: number; allowedOrigins?: string[] } = {}) {
  const engine = scriptedApiEngine();
  const server = await startApiServer({ engine, token, port: 0, version: '0.0.0', ...options });
  t.after(() => server.close());
  return { engine, url: server.url, port: Number(new URL(server.url).port) };
}

/** A request spelt by hand, since clients mend what is wrong. @returns status and body */
async function send(port: number, lines: string[], body = ''): Promise<{ status: number; body: string }> {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received)).on('error', reject);
    socket.write(
      `${[...lines, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`,
    );
  });
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0),
    body: text.split('\r\n\r\n').slice(1).join(''),
  };
}

test('every route refuses strange hosts, origins, tokens and types, and answers the right request', async (t) => {
  const { engine, port } = await start(t);
  const own = `Host: 127.0.0.1:${port}`;
  const auth = `Authorization: Bearer ${token}`;
  const json = 'Content-Type: application/json';
  const wrong: Record<string, string[]> = {
    'another host': ['Host: evil.test', auth, json],
    'no address of ours': [`Host: 0.0.0.0:${port}`, auth, json],
    'a name that ends like ours': [`Host: localhost.evil.test:${port}`, auth, json],
    'a name that resolves to us': [`Host: 127.0.0.1.nip.io:${port}`, auth, json],
    'another port': ['Host: 127.0.0.1:1', auth, json],
    'an empty host': ['Host:', auth, json],
    'two hosts': [own, 'Host: evil.test', auth, json],
    'a strange origin': [own, 'Origin: https://evil.test', auth, json],
    'a null origin': [own, 'Origin: null', auth, json],
    'an extension': [own, 'Origin: chrome-extension://abc', auth, json],
    'no token': [own, json],
    'a wrong token': [own, 'Authorization: Bearer wrong-token', json],
    'the token’s beginning': [own, `Authorization: Bearer ${token.slice(0, 5)}`, json],
    'a token that only begins right': [own, `Authorization: Bearer ${token}x`, json],
  };
  for (const { method, path } of [
    ...routes,
    { method: 'GET', path: '/openapi.json' },
    { method: 'GET', path: '/nowhere' },
  ]) {
    for (const [what, headers] of Object.entries(wrong)) {
      const { status, body } = await send(
        port,
        [`${method} ${path} HTTP/1.1`, ...headers],
        '{"prompt":"secret"}',
      );
      assert.ok(status >= 400 && status < 500, `${method} ${path} with ${what}: ${status}`);
      assert.ok(!body.includes('secret'), `${method} ${path} with ${what} echoes`);
    }
    if (method !== 'POST') continue;
    const plain = await send(port, [`POST ${path} HTTP/1.1`, own, auth, 'Content-Type: text/plain'], '{}');
    assert.equal(plain.status, 415, path);
    const absolute = await send(
      port,
      [`POST http://127.0.0.1:${port}${path} HTTP/1.1`, own, auth, json],
      '{}',
    );
    assert.equal(absolute.status, 400, path);
  }
  assert.equal(engine.questions.length, 0);
  const right = await send(port, ['GET /v1/models HTTP/1.1', own, auth]);
  assert.equal(right.status, 200);
  const asked = await send(
    port,
    ['POST /v1/chat/completions HTTP/1.1', `Host: localhost:${port}`, auth, json],
    JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] }),
  );
  assert.equal(asked.status, 200);
});

test('an allowed origin gets its headers, and its preflight needs no token', async (t) => {
  const { port } = await start(t, { allowedOrigins: ['http://tool.test'] });
  const own = `Host: 127.0.0.1:${port}`;
  const preflight = await send(port, ['OPTIONS /v1/models HTTP/1.1', own, 'Origin: http://tool.test']);
  assert.equal(preflight.status, 204);
  const stranger = await send(port, ['OPTIONS /v1/models HTTP/1.1', own, 'Origin: http://other.test']);
  assert.equal(stranger.status, 403);
});

test('bodies that are too large, too deep or no JSON are refused and cost nothing', async (t) => {
  const { engine, url } = await start(t);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const post = (body: string) => fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
  assert.equal((await post('{"messages":')).status, 400);
  assert.equal((await post('['.repeat(100_000))).status, 400);
  assert.equal((await post(`{"a":"${'x'.repeat(33 * 1024 * 1024)}"}`)).status, 413);
  for (const value of ['-1', '1e309', '9', '"two"', '{}', '[]', 'NaN', '0.5']) {
    const body = `{"messages":[{"role":"user","content":"hi"}],"n":${value}}`;
    assert.equal((await post(body)).status, 400, `n: ${value}`);
  }
  const many = JSON.stringify({ messages: Array(10_000).fill({ role: 'user', content: '' }) });
  assert.equal((await post(many)).status, 400);
  assert.equal(engine.questions.length, 0);
});

test('the seventeenth request is told to come back, and its place is free again afterwards', async (t) => {
  const { engine, url } = await start(t, { queueLength: 2 });
  engine.pauseMs = 60;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = (stream: boolean) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], stream }),
    });
  const first = [ask(true), ask(false)];
  while (engine.questions.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal((await ask(false)).status, 429);
  await Promise.all(first.map(async (response) => (await response).text()));
  assert.equal((await ask(false)).status, 200);
});

test('slow senders do not hold up others', async (t) => {
  const { port, url } = await start(t);
  const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (const socket of sockets)
    socket.on('error', () => {}).write('POST /v1/chat/completions HTTP/1.1\r\nHost: x');
  const startMs = performance.now();
  const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  assert.ok(performance.now() - startMs < 1000);
});

test('the document holds every route', async (t) => {
  const { url } = await start(t);
  const response = await fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer ${token}` } });
  const { paths } = (await response.json()) as { paths: Record<string, object> };
  assert.deepEqual(Object.keys(paths).sort(), routes.map(({ path }) => path).sort());
});

test('health and metrics count without naming', async (t) => {
  const { url } = await start(t);
  const headers = { authorization: `Bearer ${token}` };
  assert.deepEqual(await (await fetch(`${url}/health`, { headers })).json(), { status: 'ok' });
  await fetch(`${url}/v1/models`, { headers });
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  assert.match(text, /internvl_requests_total\{route="\/v1\/models",status="200"\} 1/);
});
