/** Who gets into the headless host: every route against every foreign host, origin and token (reliability T14). */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { httpRoutes } from '../../main/hosts/edge/answer-request.ts';
import { askRaw, type EdgeUnderTest, startEdge, storedId } from '../support/edge-under-test.ts';

describe('routes × headers (generated from the router)', () => {
  let under: EdgeUnderTest;
  const good = () => under.headers();

  before(async () => {
    under = await startEdge();
  });
  after(() => under.close());

  const wrongHosts = (port: number): (string | string[])[] => [
    'evil.test',
    `evil.test:${port}`,
    `0.0.0.0:${port}`,
    `localhost.evil.test:${port}`,
    `127.0.0.1.nip.io:${port}`,
    '',
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${port + 1}`,
    `[::1]:${port}`,
    `user@127.0.0.1:${port}`,
    `127.0.0.1:${port}.evil.test`,
  ];
  const wrongOrigins = [
    'null',
    'http://evil.test',
    'chrome-extension://abcdef',
    'http://127.0.0.1',
    'http://localhost:1',
    'file://',
  ];
  const wrongTokens = (token: string) => [
    undefined,
    'Bearer ',
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token}x`,
    `Basic ${token}`,
    token,
  ];
  const inOrOut = async (asked: Parameters<typeof askRaw>[1]) => {
    const before = under.reached.length;
    const answer = await askRaw(under.port, asked);
    assert.equal(under.reached.length, before, `${asked.method} ${asked.path} reached the service`);
    assert.ok(answer.status >= 400 && answer.status < 500, `${asked.path}: ${answer.status}`);
    assert.ok(!answer.body.includes('c4n4ry'), 'a refusal echoes nothing');
  };

  for (const route of httpRoutes) {
    const asked = () => ({
      method: route.method,
      path: route.example,
      body: route.method === 'GET' ? '' : '{"c4n4ry":1}',
    });

    it(`${route.method} ${route.example.slice(0, 24)} refuses every foreign host, origin and token`, async () => {
      for (const host of wrongHosts(under.port)) await inOrOut({ ...asked(), headers: { ...good(), host } });
      for (const origin of wrongOrigins) await inOrOut({ ...asked(), headers: { ...good(), origin } });
      for (const authorization of wrongTokens(under.edge.token)) {
        const { authorization: _, ...rest } = good();
        await inOrOut({
          ...asked(),
          headers: { ...rest, ...(authorization !== undefined && { authorization }) },
        });
      }
    });

    it(`${route.method} ${route.example.slice(0, 24)} lets the app's own page in (negative control)`, async () => {
      const origin = { origin: `http://127.0.0.1:${under.port}`, 'sec-fetch-site': 'same-origin' };
      const { status } = await askRaw(under.port, { ...asked(), headers: { ...good(), ...origin } });
      const isLetIn = status < 400 || (route.example.startsWith('/assets') && status === 404);
      assert.ok(isLetIn || status === 400, `${status}`);
    });
  }

  it('refuses two hosts and an absolute address', async () => {
    const token = under.edge.token;
    const raw = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(under.port, '127.0.0.1', () => void socket.write(text));
        let got = '';
        socket.on('data', (bytes) => (got += bytes.toString()));
        socket.once('close', () => resolve(got));
        socket.once('error', reject);
      });
    const host = `Host: 127.0.0.1:${under.port}\r\n`;
    const rest = `Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
    assert.match(await raw(`GET / HTTP/1.1\r\n${host}${host}${rest}`), /^HTTP\/1.1 4/);
    assert.match(
      await raw(`GET http://127.0.0.1:${under.port}/ HTTP/1.1\r\n${host}${rest}`),
      /^HTTP\/1.1 400/,
    );
    assert.match(await raw(`GET / HTTP/1.1\r\n${host}${rest}`), /^HTTP\/1.1 200/);
  });

  it('refuses a page on another port of this machine, which browsers send our cookie from', async () => {
    const headers = { ...good(), 'sec-fetch-site': 'same-site' };
    const { status } = await askRaw(under.port, {
      method: 'GET',
      path: `/attachment/${storedId}`,
      headers,
    });
    assert.equal(status, 403);
  });

  it('takes JSON only, so that no form of another page is a request', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      '',
    ]) {
      const headers = { ...good(), 'content-type': type };
      const { status } = await askRaw(under.port, {
        method: 'POST',
        path: '/api/echo',
        headers,
        body: '{"text":"a"}',
      });
      assert.equal(status, 415, type);
    }
  });

  it('listens on loopback alone', async () => {
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((found) => found && !found.internal && found.family === 'IPv4');
    for (const { address } of others as { address: string }[]) {
      const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
        const socket = connect({ port: under.port, host: address, timeout: 1000 }, () => resolve(null));
        socket.once('error', resolve);
      });
      assert.equal(error?.code, 'ECONNREFUSED', address);
    }
  });
});
