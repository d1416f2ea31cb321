/**
 * `PUT /upload?name=…`: bytes that lie nowhere on the disk yet (pasted, or from a browser) become an upload.
 * With `&to=memory`, for a temporary conversation, they never get there.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import { type UploadId, uploadIdSchema } from '../../../preload/contract/uploads.ts';
import { type HostClient, mostUploadBytesInMemory } from '../../service/host-contract.ts';
import { sendUpload } from '../send-upload.ts';
import type { EdgeRequest, Route } from './edge-types.ts';
import { jsonResponse } from './fault-response.ts';

const maxUploadBytes = 2 * 1024 ** 3;

export const uploadRoute: Route = {
  method: 'PUT',
  path: /^\/upload$/,
  example: '/upload?name=a.png',
  async handle(request, _parameters, { host, uploadFolder }) {
    const name = readFileName(request.query.get('name') ?? '');
    const inMemory = request.query.get('to') === 'memory';
    const uploadId = inMemory
      ? await sendUpload(host.client, { name, bytes: await collectUpload(request) })
      : await keepUpload(request, { client: host.client, name, folder: uploadFolder });
    return jsonResponse({ uploadId });
  },
};

async function keepUpload(
  request: EdgeRequest,
  { client, name, folder }: { client: HostClient; name: string; folder: string },
): Promise<UploadId> {
  const uploadId = uploadIdSchema.parse(randomUUID());
  const path = join(folder, uploadId);
  const chunks = boundedBody(request, { most: maxUploadBytes, sentence: 'A file may be 2 GB at most.' });
  try {
    await writeUpload(chunks, { folder, path });
    await client.registerUpload({ uploadId, path, name, isTemporary: true });
    return uploadId;
  } catch (error) {
    await rm(path, { force: true });
    throw writeFault(error);
  }
}

async function collectUpload(request: EdgeRequest): Promise<Uint8Array> {
  const sentence = `A temporary chat keeps files in memory, ${mostUploadBytesInMemory / 1024 ** 2} MB each at most. Ask about this one in another conversation.`;
  const chunks = await Array.fromAsync(boundedBody(request, { most: mostUploadBytesInMemory, sentence }));
  return Buffer.concat(chunks);
}

/** @throws AppError `media_too_large` as soon as it is known, `invalid_request` for a body that was cut off */
async function* boundedBody(
  request: EdgeRequest,
  { most, sentence }: { most: number; sentence: string },
): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new AppError('media_too_large', sentence);
  if (Number(request.header('content-length') ?? 0) > most) throw tooLarge();
  let sizeBytes = 0;
  for await (const chunk of request.body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > most) throw tooLarge();
    yield chunk;
  }
  if (request.signal.aborted) throw new AppError('invalid_request', 'The file did not arrive whole.');
}

/** The last segment of a name, whichever system it comes from; it is shown, never used as a path. */
function readFileName(sent: string): string {
  const name = (sent.split(/[\\/]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 500);
  if (name === '') throw new AppError('invalid_request', 'An upload needs the name of its file.');
  return name;
}

async function writeUpload(
  chunks: AsyncIterable<Uint8Array>,
  to: { folder: string; path: string },
): Promise<void> {
  await mkdir(to.folder, { recursive: true, mode: 0o700 });
  const file = await open(to.path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

/** What the system says of a folder that can't be written, in the product's words. */
function writeFault(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError(
      'disk_full',
      'The disk is full, so the file was not taken. Free some space and add it again.',
      {
        retryable: true,
      },
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new AppError(
      'profile_readonly',
      'The app may not write to its folder, so it can’t take this file.',
    );
  return error;
}
