/** The HTTP edge over a service of a few lines, which notes what reaches it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as sendRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { EdgePowers } from '../../main/hosts/edge/edge-types.ts';
import { type HttpEdge, startHttpEdge } from '../../main/hosts/http.ts';
import type { HostClient } from '../../main/service/host-contract.ts';
import { createRelay } from '../../main/supervisor/relay.ts';
import type { Frame } from '../../native-models/process/frames.ts';
import { serveContract } from '../../native-models/process/serve-contract.ts';
import { type Contract, call, type Handlers, stream } from '../../preload/contract/define.ts';
import { AppError } from '../../preload/contract/errors.ts';

export interface EdgeUnderTest {
  edge: HttpEdge;
  powers: EdgePowers;
  port: number;
  folder: string;
  /** What reached the service or the disk. */
  reached: string[];
  /** With which a request is let in. */
  headers(): Record<string, string>;
  close(): Promise<void>;
}

const echoService = {
  describeApp: call(z.strictObject({}), z.strictObject({ version: z.string() })),
  echo: call(z.strictObject({ text: z.string() }), z.strictObject({ text: z.string() })),
  fail: call(z.strictObject({}), z.strictObject({})),
  giveBytes: stream(z.strictObject({}), z.instanceof(Uint8Array)),
  wait: stream(z.strictObject({}), z.strictObject({ type: z.literal('begun') })),
} satisfies Contract;

const answer = (reached: string[]): Handlers<typeof echoService> => ({
  describeApp: async () => ({ version: '1' }),
  echo: async ({ text }) => ({ text }),
  fail: async () => {
    throw new AppError('media_broken', 'The picture is torn.', { retryable: true });
  },
  async *giveBytes() {
    yield Uint8Array.of(0, 255, 7);
  },
  async *wait(_, signal) {
    yield { type: 'begun' as const };
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    reached.push('cancelled');
  },
});

export const storedId = 'a'.repeat(64);
export const storedBytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);

export async function startEdge(): Promise<EdgeUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'internvl-test-'));
  const reached: string[] = [];
  const relay = createRelay();
  const listeners: ((frame: Frame) => void)[] = [];
  const line = relay.attach('service', (frame) => {
    if (frame.kind === 'open') reached.push(frame.payload.name);
    for (const listener of listeners) listener(frame);
  });
  serveContract(echoService, answer(reached), {
    post: line.post,
    onFrame: (listener) => void listeners.push(listener),
  });
  let pages = 0;
  const pageFolder = join(folder, 'page');
  mkdirSync(join(pageFolder, 'assets'), { recursive: true });
  writeFileSync(
    join(pageFolder, 'index.html'),
    '<meta nonce="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>',
  );
  writeFileSync(join(pageFolder, 'assets', 'app.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'outside');
  const powers: EdgePowers = {
    host: {
      client: fakeHostClient(reached),
      attachPage(deliver) {
        pages += 1;
        const name = `page-${pages}`;
        return { name, ...relay.attach(name, deliver) };
      },
    },
    uploadFolder: join(folder, 'uploads'),
    pageFolder,
  };
  const edge = await startHttpEdge({ powers });
  const port = Number(new URL(edge.url).port);
  return {
    ...{ edge, powers, folder, port, reached },
    headers: () => ({
      host: `127.0.0.1:${port}`,
      authorization: `Bearer ${edge.token}`,
      'content-type': 'application/json',
    }),
    async close() {
      await edge.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Holds one file. */
function fakeHostClient(reached: string[]): HostClient {
  const sentBytes: Uint8Array[] = [];
  return {
    async registerUpload(input: { name: string }) {
      reached.push(`upload ${input.name}`);
      return {};
    },
    async putUpload(piece: { name: string; bytes: Uint8Array; last: boolean }) {
      sentBytes.push(Uint8Array.from(piece.bytes));
      if (piece.last)
        reached.push(`bytes ${piece.name} ${Buffer.concat(sentBytes.splice(0)).toString('hex')}`);
      return {};
    },
    async *openBytes(asked: { route: string; range?: { start: number; end: number | null } | null }) {
      reached.push(asked.route);
      const start = asked.range?.start ?? 0;
      const end = Math.min(asked.range?.end ?? storedBytes.length - 1, storedBytes.length - 1);
      yield { type: 'header', mediaType: 'video/mp4', sizeBytes: storedBytes.length, start, end };
      for (let at = start; at <= end; at += 40_000)
        yield { type: 'piece', bytes: storedBytes.subarray(at, Math.min(end + 1, at + 40_000)) };
    },
  } as unknown as HostClient;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A request as bare as HTTP allows: any method, path and headers, the Host header included. */
export function askRaw(
  port: number,
  asked: { method: string; path: string; headers: Record<string, string | string[]>; body?: string | Buffer },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body } = asked;
    const request = sendRequest(
      { host: '127.0.0.1', port, method, path, headers, setHost: false, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
