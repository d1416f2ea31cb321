/** `PUT /upload?name=…`: bytes that lie nowhere on the disk yet (pasted, or from a browser) become an upload. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import { uploadIdSchema } from '../../../preload/contract/uploads.ts';
import type { EdgeRequest, Route } from './edge-types.ts';
import { jsonResponse } from './fault-response.ts';

export const maxUploadBytes = 2 * 1024 ** 3;

export const uploadRoute: Route = {
  method: 'PUT',
  path: /^\/upload$/,
  example: '/upload?name=a.png',
  async handle(request, _parameters, { host, uploadFolder }) {
    const name = readFileName(request.query.get('name') ?? '');
    const announced = Number(request.header('content-length') ?? 0);
    if (announced > maxUploadBytes) throw tooLarge();
    const uploadId = uploadIdSchema.parse(randomUUID());
    const path = join(uploadFolder, uploadId);
    try {
      await writeUpload(request, { folder: uploadFolder, path });
      await host.client.registerUpload({ uploadId, path, name, isTemporary: true });
    } catch (error) {
      await rm(path, { force: true });
      throw writeFault(error);
    }
    return jsonResponse({ uploadId });
  },
};

/** The last segment of a name, whichever system it comes from; it is shown, never used as a path. */
function readFileName(sent: string): string {
  const name = (sent.split(/[\\/]/).at(-1) ?? '').replaceAll(/\p{Cc}/gu, '').slice(0, 500);
  if (name === '') throw new AppError('invalid_request', 'An upload needs the name of its file.');
  return name;
}

async function writeUpload(request: EdgeRequest, to: { folder: string; path: string }): Promise<void> {
  await mkdir(to.folder, { recursive: true, mode: 0o700 });
  const file = await open(to.path, 'wx', 0o600);
  try {
    let sizeBytes = 0;
    for await (const chunk of request.body) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxUploadBytes) throw tooLarge();
      await file.writeFile(chunk);
    }
    if (request.signal.aborted) throw new AppError('invalid_request', 'The file did not arrive whole.');
  } finally {
    await file.close();
  }
}

function tooLarge(): AppError {
  return new AppError('media_too_large', 'A file may be 2 GB at most.');
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
