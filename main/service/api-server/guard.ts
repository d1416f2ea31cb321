/** Who may talk to the server at all: judged from the bare request, before any route sees it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ApiRefusal, refuse } from './api-error.ts';

export interface GuardOptions {
  token: string;
  port: number;
  /** Origins of web pages that may use the server; default none. */
  allowedOrigins?: readonly string[];
}

/**
 * Refuses what loopback alone does not keep out: pages of other origins, names that point here (DNS rebinding), and
 * everyone without the token (reliability: Ollama CVE-2024-28224, MCP SDK CVE-2025-66414).
 * @returns the refusal, or null
 */
export function judgeRequest(request: IncomingMessage, options: GuardOptions): ApiRefusal | null {
  if (!request.url?.startsWith('/')) return refuse(400, 'invalid_request', 'Send a path, not an address.');
  const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length !== 1 || !isOwnHost(request.headers.host ?? '', options.port)) {
    return refuse(403, 'host_refused', 'This server answers under 127.0.0.1 and localhost only.');
  }
  const { origin } = request.headers;
  if (origin !== undefined && !(options.allowedOrigins ?? []).includes(origin)) {
    return refuse(403, 'origin_refused', 'Web pages may not use this server unless their origin is allowed.');
  }
  // A preflight carries no token and is answered with nothing but the allowed methods.
  if (request.method === 'OPTIONS' && origin !== undefined) return null;
  if (!hasToken(request, options.token)) {
    return refuse(401, 'invalid_api_key', 'Send the token as "Authorization: Bearer …".');
  }
  if (request.method === 'POST' && !isJson(request.headers['content-type'])) {
    return refuse(415, 'unsupported_media_type', 'Send JSON with "Content-Type: application/json".');
  }
  return null;
}

function isOwnHost(host: string, port: number): boolean {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(host);
}

/** OpenAI's clients send a bearer token, Anthropic's `x-api-key`. */
function hasToken(request: IncomingMessage, token: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const key = request.headers['x-api-key'];
  const given = bearer ?? (typeof key === 'string' ? key : undefined);
  return given !== undefined && isEqualSecret(given, token);
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isEqualSecret(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(?:;\s*charset=utf-8\s*)?$/i.test(contentType ?? '');
}
