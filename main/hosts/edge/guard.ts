/** Who may use the headless host at all: judged from the bare request, before any route sees it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { EdgeResponse } from './edge-types.ts';
import { refuse } from './fault-response.ts';

export interface GuardOptions {
  token: string;
  port: number;
}

/** Cookies know no ports, so each running host has a name of its own. */
export const cookieName = (port: number) => `internvl-${port}`;

/**
 * Loopback is no border: pages of other origins, names that point here (DNS rebinding) and other people of this machine
 * can all reach it. So one host name with its port, no foreign origin, and the token on every route.
 * @returns the refusal, or the way in: `login` for the address with the token in it
 */
export function judgeRequest(
  request: IncomingMessage,
  options: GuardOptions,
): EdgeResponse | 'enter' | 'login' {
  if (!request.url?.startsWith('/')) return refuse(400, 'invalid_request', 'Send a path, not an address.');
  const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  const ownHosts = [`127.0.0.1:${options.port}`, `localhost:${options.port}`];
  const host = request.headers.host ?? '';
  if (hosts.length !== 1 || !ownHosts.includes(host))
    return refuse(403, 'access_denied', 'This host answers under 127.0.0.1 and localhost only.');
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return refuse(403, 'access_denied', 'Only the app’s own page may ask here.');
  const url = new URL(request.url, `http://${host}`);
  if (request.method === 'GET' && url.pathname === '/' && url.searchParams.has('token')) {
    if (isEqualSecret(url.searchParams.get('token') ?? '', options.token)) return 'login';
    return refuse(401, 'access_denied', 'This token is not right. Take the address that the terminal shows.');
  }
  // Same-site is not same-origin: a page on another port of this machine sends our cookie along.
  const site = request.headers['sec-fetch-site'];
  if (url.pathname !== '/' && site !== undefined && site !== 'same-origin' && site !== 'none')
    return refuse(403, 'access_denied', 'Only the app’s own page may ask here.');
  if (!hasToken(request, options))
    return refuse(401, 'access_denied', 'Open the address that the terminal shows, with its token.');
  if (request.method === 'POST' && !isJson(request.headers['content-type']))
    return refuse(415, 'invalid_request', 'Send JSON with "Content-Type: application/json".');
  return 'enter';
}

function hasToken(request: IncomingMessage, { token, port }: GuardOptions): boolean {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  const cookie = cookies.find((entry) => entry.startsWith(`${cookieName(port)}=`))?.split('=')[1];
  return [bearer, cookie].some((given) => given !== undefined && isEqualSecret(given, token));
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isEqualSecret(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(?:;\s*charset=utf-8\s*)?$/i.test(contentType ?? '');
}
