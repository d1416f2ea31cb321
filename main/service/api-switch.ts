/** Turns the API server on and off, for the app's settings and for `serve`. It is off until somebody asks for it. */
import { randomBytes } from 'node:crypto';
import type { ApiServerState } from '../../preload/contract/api-server.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { ApiMemory } from './api-memory.ts';
import type { ApiEngine } from './api-server/api-engine.ts';
import { type ApiServer, startApiServer } from './api-server/start-api-server.ts';
import { logFault } from './log-fault.ts';

interface ApiStart {
  /** 0 takes a free one. */
  port: number;
  /** Null: one is made. */
  token: string | null;
  allowedOrigins: string[];
}

export interface ApiSwitch {
  /** Nothing of it is remembered. @throws AppError `invalid_request` where it runs already, or the port is taken */
  start(options: ApiStart): Promise<{ url: string; token: string }>;
  stop(): Promise<void>;
  describe(): Promise<ApiServerState>;
  /** With the token of the last time. @throws AppError as `start` */
  turnOn(port: number): Promise<ApiServerState>;
  turnOff(): Promise<ApiServerState>;
  /** Makes a new token; a running server takes it at once and ends what is under way. */
  renewToken(): Promise<ApiServerState>;
}

export function createApiSwitch(service: {
  engine: ApiEngine;
  version: string;
  memory: ApiMemory;
  onChange: () => void;
}): ApiSwitch {
  const { engine, version, memory, onChange } = service;
  let running: { server: ApiServer; options: ApiStart & { token: string } } | null = null;
  /** Also where the profile can't keep it. */
  let known: { port: number; token: string | null; isKept: boolean } | null = null;

  async function recall() {
    if (known) return known;
    const { port, token } = await memory.read();
    known ??= { port, token, isKept: token !== null };
    return known;
  }

  async function remember(port: number, token: string): Promise<void> {
    known = { port, token, isKept: await memory.keep({ port, token }) };
  }

  async function start({ port, token, allowedOrigins }: ApiStart) {
    if (running) throw new AppError('invalid_request', 'The API server runs already. Stop it first.');
    const secret = token ?? makeToken();
    const server = await startApiServer({
      engine,
      token: secret,
      port,
      allowedOrigins,
      version,
      onFault: logFault,
    }).catch((cause: unknown) => {
      const sentence = `The API server can't listen at port ${port}. Choose another one.`;
      throw new AppError('invalid_request', sentence, { cause });
    });
    running = { server, options: { port, token: secret, allowedOrigins } };
    onChange();
    return { url: server.url, token: secret };
  }

  async function stop(): Promise<void> {
    const open = running;
    running = null;
    await open?.server.close();
    if (open) onChange();
  }

  async function describe(): Promise<ApiServerState> {
    const { port, token, isKept } = await recall();
    const { server = null, options } = running ?? {};
    return {
      url: server?.url ?? null,
      port: options?.port ?? port,
      token: options?.token ?? token,
      isTokenKept: isKept && (!options || options.token === token),
    };
  }

  async function turnOn(port: number): Promise<ApiServerState> {
    const { token } = await recall();
    const started = await start({ port, token, allowedOrigins: [] });
    await remember(port, started.token);
    return describe();
  }

  async function renewToken(): Promise<ApiServerState> {
    const before = running?.options ?? null;
    const token = makeToken();
    await stop();
    await remember(before?.port ?? (await recall()).port, token);
    if (before) await start({ ...before, token });
    return describe();
  }

  const inLine = oneAfterAnother();
  return {
    start: (options) => inLine(() => start(options)),
    stop: () => inLine(stop),
    describe,
    turnOn: (port) => inLine(() => turnOn(port)),
    turnOff: () => inLine(() => stop().then(describe)),
    renewToken: () => inLine(renewToken),
  };
}

/** Two who turn it on at once must not start two servers. */
function oneAfterAnother(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}

function makeToken(): string {
  return randomBytes(24).toString('base64url');
}
