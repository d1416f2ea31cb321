/** The screenshot while a person draws a box on it: one page under an address nobody can guess, until the box is known. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Box, boxSchema } from '../../preload/contract/attachments.ts';
import { AppError } from '../../preload/contract/errors.ts';
import type { EdgeRequest, EdgeResponse, Route } from '../hosts/edge/edge-types.ts';
import { jsonResponse } from '../hosts/edge/fault-response.ts';
import { pagePolicy } from '../hosts/edge/security-headers.ts';

export interface CaptureSession {
  /** Path of the page that shows the picture. */
  path: string;
  /** What the person drew, as shares of the picture; null where they gave up. */
  box: Promise<Box | null>;
  giveUp(): void;
}

export interface Captures {
  routes: readonly Route[];
  begin(png: Uint8Array): CaptureSession;
}

interface OpenCapture {
  png: Uint8Array;
  settle(box: Box | null): void;
}

const answerBytes = 1024;

export function createCaptures(): Captures {
  const open = new Map<string, OpenCapture>();
  const find = (key: string | undefined): OpenCapture => {
    const capture = open.get(key ?? '');
    if (!capture) throw new AppError('not_found', 'There is nothing at this address.');
    return capture;
  };
  const route = (
    method: Route['method'],
    name: string,
    answer: (capture: OpenCapture, request: EdgeRequest, pageFolder: string) => Promise<EdgeResponse>,
  ): Route => ({
    method,
    path: new RegExp(`^/capture/([0-9a-f]{32})/${name}$`),
    example: `/capture/${'0'.repeat(32)}/${name}`,
    handle: async (request, [key], { pageFolder }) => answer(find(key), request, pageFolder),
  });
  return {
    routes: [
      route('GET', '', async (_capture, _request, pageFolder) => ({
        status: 200,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy': pagePolicy('none'),
        },
        body: await readFile(join(pageFolder, 'capture.html'), 'utf8'),
      })),
      route('GET', 'screen', async ({ png }) => ({
        status: 200,
        headers: { 'content-type': 'image/png', 'cache-control': 'no-store' },
        body: once(png),
      })),
      route('PUT', 'box', async (capture, request) => {
        capture.settle(await readBox(request));
        return jsonResponse({});
      }),
    ],
    begin(png) {
      const key = randomBytes(16).toString('hex');
      let settle: (box: Box | null) => void = () => {};
      const box = new Promise<Box | null>((resolve) => {
        settle = (drawn) => {
          open.delete(key);
          resolve(drawn);
        };
      });
      open.set(key, { png, settle });
      return { path: `/capture/${key}/`, box, giveUp: () => settle(null) };
    },
  };
}

/** A box with nothing in it is a click: the person gave up. */
async function readBox(request: EdgeRequest): Promise<Box | null> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > answerBytes) throw new AppError('invalid_request', 'This is no box.');
    chunks.push(chunk);
  }
  const box = boxSchema.nullable().safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
  if (!box.success) throw new AppError('invalid_request', 'This is no box.');
  return box.data && box.data.width > 0 && box.data.height > 0 ? box.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
