/** The built page: only files that are listed in its folder are ever read, so no path can lead out of it. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { EdgeResponse, Route } from './edge-types.ts';
import { pagePolicy } from './security-headers.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

const noncePlace = '__CSP_NONCE__';

/** `/` with a nonce of its own, each time. @throws AppError `not_found` before the page was built */
export const pageRoute: Route = {
  method: 'GET',
  path: /^\/$/,
  example: '/',
  async handle(_request, _parameters, { pageFolder }) {
    const html = await readFile(join(pageFolder, 'index.html'), 'utf8').catch(() => {
      throw new AppError('not_found', 'The page is not built yet. Run "npm run build" once.');
    });
    const nonce = randomBytes(16).toString('base64url');
    return {
      status: 200,
      headers: {
        'content-type': types['.html']!,
        'cache-control': 'no-store',
        'content-security-policy': pagePolicy(nonce),
      },
      body: html.replaceAll(noncePlace, nonce),
    };
  },
};

/** Everything else that the build made. The path is compared as sent: an encoded name matches no file. */
export const fileRoute: Route = {
  method: 'GET',
  path: /^\/(.+)$/,
  example: '/assets/index.js',
  async handle(_request, [name], { pageFolder }): Promise<EdgeResponse> {
    const listed = await listFiles(pageFolder);
    const type = types[extname(name ?? '')];
    if (name === undefined || name === 'index.html' || !listed.has(name) || type === undefined) {
      throw new AppError('not_found', 'There is nothing at this address.');
    }
    const bytes = await readFile(join(pageFolder, name));
    const isHashed = name.startsWith('assets/'); // the build puts a hash of the content into these names
    return {
      status: 200,
      headers: {
        'content-type': type,
        'content-length': `${bytes.byteLength}`,
        'cache-control': isHashed ? 'private, max-age=31536000, immutable' : 'no-cache',
      },
      body: once(bytes),
    };
  },
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Plain files below a folder, by their path in it. Links are no plain files. */
async function listFiles(folder: string, below = ''): Promise<Set<string>> {
  const names = new Set<string>();
  for (const entry of await readdir(join(folder, below), { withFileTypes: true }).catch(() => [])) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isFile()) names.add(name);
    else if (entry.isDirectory()) for (const inner of await listFiles(folder, name)) names.add(inner);
  }
  return names;
}
