/** A Hub on this machine that serves repositories by the real one's routes and misbehaves as told. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MockHub {
  origin: string;
  /** Every request's path and headers, in order. */
  requests: { path: string; authorization: string | undefined; range: string | undefined }[];
  /** Bytes of files sent so far. */
  sentBytes: number;
  commit: string;
  files: Map<string, Uint8Array>;
  /** Names whose hash is told as sha256; the others have git's. */
  large: Set<string>;
  /** Consulted before each file answer; sends its own answer and returns true, or lets the usual one happen. */
  misbehave: (request: IncomingMessage, response: ServerResponse, file: string) => boolean;
  /** Bytes after which a connection is cut, drawn anew each time; null never. */
  cutAfter: () => number | null;
  close(): Promise<void>;
}

const gitBlobHash = (bytes: Uint8Array) =>
  createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Serves one repository, `owner/name`. */
export async function startMockHub(files: Record<string, Uint8Array>): Promise<MockHub> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    hub.requests.push({
      path,
      authorization: request.headers.authorization,
      range: request.headers.range,
    });
    if (path.startsWith('/api/models/owner/name/revision/')) return sendRevision(hub, response);
    const file = /^\/(?:owner\/name\/resolve\/[0-9a-f]{40}|storage)\/([^/?]+)$/.exec(path)?.[1];
    const bytes = file === undefined ? undefined : hub.files.get(decodeURIComponent(file));
    if (file === undefined || !bytes) return response.writeHead(404).end();
    if (!hub.misbehave(request, response, file)) sendFile(hub, request, response, bytes);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const hub: MockHub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    sentBytes: 0,
    commit: 'a'.repeat(40),
    files: new Map(Object.entries(files)),
    large: new Set(Object.keys(files).filter((name) => name.endsWith('.safetensors'))),
    misbehave: () => false,
    cutAfter: () => null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hub;
}

function sendRevision(hub: MockHub, response: ServerResponse): void {
  const siblings = [...hub.files].map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.byteLength,
    blobId: gitBlobHash(bytes),
    ...(hub.large.has(rfilename) && { lfs: { sha256: sha256(bytes), size: bytes.byteLength } }),
  }));
  const body = { sha: hub.commit, gated: false, cardData: { license: 'mit' }, siblings };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Sends the asked range, or as much of it as `cutAfter` lets through before the connection breaks. */
export function sendFile(
  hub: MockHub,
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] ?? bytes.byteLength - 1) + 1, bytes.byteLength);
  response.writeHead(range ? 206 : 200, {
    'content-length': end - start,
    ...(range && { 'content-range': `bytes ${start}-${end - 1}/${bytes.byteLength}` }),
  });
  const cut = hub.cutAfter();
  const body = bytes.subarray(start, cut === null ? end : Math.min(end, start + cut));
  hub.sentBytes += body.byteLength;
  if (body.byteLength === end - start) response.end(body);
  else response.write(body, () => setTimeout(() => response.destroy(), 2));
}
