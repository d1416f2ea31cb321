/** The Hub as this machine reaches it: another endpoint, a token, and a proxy where the environment names them. */
import http from 'node:http';
import { describeHub, type Hub } from './hub-request.ts';

let proxyOf: string | null = null;

/**
 * Reads HF_ENDPOINT, HF_TOKEN, and HTTPS_PROXY, HTTP_PROXY, NO_PROXY in either case.
 * @param token a person's own, which goes before HF_TOKEN
 * @throws AppError `invalid_request` where HF_ENDPOINT is no https address
 */
export function hubFromEnvironment(env: NodeJS.ProcessEnv, token: string | null = null): Hub {
  applyProxy(env);
  return describeHub({
    ...(env.HF_ENDPOINT ? { endpoint: env.HF_ENDPOINT } : {}),
    token: token ?? (env.HF_TOKEN || null),
  });
}

/** Node older than 24.14 has no way to do this at run time; there NODE_USE_ENV_PROXY=1 does it at the start. */
function applyProxy(env: NodeJS.ProcessEnv): void {
  const named = ['https_proxy', 'http_proxy', 'no_proxy', 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];
  const proxies = Object.fromEntries(named.map((name) => [name, env[name]]));
  const key = JSON.stringify(proxies);
  if (key === proxyOf || key === '{}') return;
  proxyOf = key;
  http.setGlobalProxyFromEnv?.(proxies);
}
