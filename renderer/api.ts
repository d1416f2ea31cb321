/** The app's endpoints as functions; whether a bridge or HTTP carries them, a page never learns. */
import './zod-without-eval.ts';
import type { Bridge } from '../preload/bridge.ts';
import { AppError } from '../preload/contract/errors.ts';
import { type AppClient, contract } from '../preload/contract/index.ts';
import { type UploadId, uploadIdSchema } from '../preload/contract/uploads.ts';
import { bridgeTransport } from './transport/bridge.ts';
import { httpTransport } from './transport/http.ts';
import type { Transport, UploadOptions } from './transport/transport.ts';

declare global {
  interface Window {
    bridge?: Bridge;
  }
}

const transport = window.bridge ? bridgeTransport(window.bridge) : httpTransport();

export const api: AppClient = connectApi(transport);

/** Hands a file over; the id is used up by the call that names it. @throws AppError */
export async function uploadFile(file: File, how: UploadOptions = {}): Promise<UploadId> {
  return uploadIdSchema.parse(await transport.upload(file, how));
}

function connectApi({ open }: Transport): AppClient {
  const ask = async (name: string, input: unknown, signal?: AbortSignal) => {
    let answer: { value: unknown } | null = null;
    for await (const value of open(name, input, signal)) answer = { value };
    if (answer) return answer.value;
    signal?.throwIfAborted();
    throw new AppError('internal', 'The app ended a request without an answer.');
  };
  return Object.fromEntries(
    Object.entries(contract).map(([name, endpoint]) => [
      name,
      (input: unknown, signal?: AbortSignal) =>
        endpoint.kind === 'call' ? ask(name, input, signal) : open(name, input, signal),
    ]),
  ) as unknown as AppClient;
}
