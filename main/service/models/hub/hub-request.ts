/** Requests to the Hub: redirects followed by hand, the token shown to the Hub alone, waits where it asks to wait. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../../preload/contract/errors.ts';

export interface Hub {
  /** Origin such as `https://huggingface.co`, or what `HF_ENDPOINT` names. */
  endpoint: string;
  /** Access token for gated repositories; null without. */
  token: string | null;
  /** Hosts besides the endpoint's own that a file may come from; `*.` in front takes subdomains. */
  fileHosts: readonly string[];
  limits: HubLimits;
}

export interface HubLimits {
  /** Silence after which a connection counts as broken. */
  stallMs: number;
  /** Tries of one request or segment, the first included. */
  tries: number;
  /** Wait after the first failure; doubles each time. */
  firstWaitMs: number;
  /** Longest `Retry-After` that is waited for. */
  longestWaitMs: number;
}

/** Where the Hub's own storage answers; seen in redirects of huggingface.co. */
const hubFileHosts = ['*.huggingface.co', '*.hf.co'] as const;

const usualHubLimits: HubLimits = {
  stallMs: 30_000,
  tries: 6,
  firstWaitMs: 500,
  longestWaitMs: 120_000,
};

const mostRedirects = 5;

/** @param endpoint default: the public Hub @throws AppError `invalid_request` for an address that is no http(s) origin */
export function describeHub(options: { endpoint?: string; token?: string | null } = {}): Hub {
  const text = options.endpoint ?? 'https://huggingface.co';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || (url.protocol === 'http:' && !isLoopback(url.hostname))) {
    throw new AppError('invalid_request', 'HF_ENDPOINT must be an https address.');
  }
  return {
    endpoint: url.href.replace(/\/+$/, ''),
    token: options.token ?? null,
    fileHosts: hubFileHosts,
    limits: usualHubLimits,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Sends a GET and follows its redirects, each only to a known host; the token goes to the endpoint's origin only.
 * Answers with any status but a redirect; the caller reads or cancels the body.
 * @throws AppError `path_refused` for a redirect elsewhere, `network_failed` when nothing answers
 */
export async function sendHubRequest(
  hub: Hub,
  address: string,
  { headers = {}, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<Response> {
  let url = new URL(address);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    refuseStrangeHost(hub, url);
    const isEndpoint = url.origin === new URL(hub.endpoint).origin;
    const authorization = hub.token !== null && isEndpoint ? { authorization: `Bearer ${hub.token}` } : {};
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...headers, ...authorization, 'accept-encoding': 'identity' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(hub.limits.stallMs)]),
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw networkFailed(cause);
    });
    const target = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || target === null) return response;
    await response.body?.cancel();
    if (!URL.canParse(target, url.href)) throw networkFailed();
    url = new URL(target, url);
  }
  throw networkFailed();
}

function refuseStrangeHost(hub: Hub, url: URL): void {
  const endpoint = new URL(hub.endpoint);
  if (url.origin === endpoint.origin) return;
  const isListed = hub.fileHosts.some((host) =>
    host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.host === host,
  );
  // A Hub reached by https never sends a file over http.
  if (isListed && (url.protocol === 'https:' || endpoint.protocol === 'http:') && url.username === '') return;
  throw new AppError('path_refused', 'The Hub sent this download to a host that is not its own.');
}

/**
 * Tries again after faults that pass by themselves, waiting longer each time or as long as the Hub asks.
 * @param attempt throws `RetryLater` or an AppError with `retryable` to be called again
 */
export async function withRetries<T>(hub: Hub, attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      const mayRetry = error instanceof AppError && error.retryable && error.code === 'network_failed';
      if (!mayRetry || tried >= hub.limits.tries) throw error;
      const askedMs = error instanceof WaitAsked ? error.waitMs : 0;
      const ownMs = hub.limits.firstWaitMs * 2 ** (tried - 1);
      await sleep(Math.min(Math.max(askedMs, ownMs), hub.limits.longestWaitMs), undefined, { signal });
    }
  }
}

/** The Hub is busy and said for how long. */
class WaitAsked extends AppError {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super('network_failed', 'The Hub is busy. Try again later.', { retryable: true });
    this.waitMs = waitMs;
  }
}

/** What a status other than success means, as an error for a person. */
export function faultOfStatus(response: Response): AppError {
  const { status } = response;
  if (status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    return new WaitAsked(Number.isFinite(seconds) ? seconds * 1000 : 0);
  }
  if (status === 401 || status === 403) {
    return new AppError(
      'access_denied',
      'The Hub does not give this model to everyone. Accept its terms on its page and enter an access token of your account.',
    );
  }
  if (status === 404) {
    return new AppError('not_found', 'The Hub has no such model, or it is private. Check the name.');
  }
  return new AppError('network_failed', `The Hub refused the request (status ${status}).`);
}

export function networkFailed(cause?: unknown): AppError {
  return new AppError(
    'network_failed',
    'The Hub could not be reached, or the connection broke. Check the network; what has arrived is kept.',
    { retryable: true, cause },
  );
}
