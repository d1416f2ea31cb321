/** `POST /api/<endpoint>`: one request to the service, answered as a line of JSON per frame. */
import { AppError } from '../../../preload/contract/errors.ts';
import { type AnswerFrame, askService } from '../ask-service.ts';
import type { EdgeRequest, Route } from './edge-types.ts';

/** Of a whole body: the contract's longest payload. */
export const maxBodyBytes = 32 * 1024 * 1024;

/** Closing the connection cancels the request. Bytes in answers travel as `{"$bytes": "<base64>"}`. */
export const apiRoute: Route = {
  method: 'POST',
  path: /^\/api\/([A-Za-z]{1,64})$/,
  example: '/api/describeApp',
  async handle(request, [name], { host }) {
    const input = await readInput(request);
    return {
      status: 200,
      headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
      body: writeLines(askService(host, { name: name ?? '', input }, request.signal)),
    };
  },
};

async function* writeLines(frames: AsyncIterable<AnswerFrame>): AsyncGenerator<string> {
  for await (const frame of frames) yield `${writeFrame(frame)}\n`;
}

function writeFrame({ kind, payload }: AnswerFrame): string {
  if (kind === 'end') return JSON.stringify({ kind });
  return JSON.stringify({ kind, payload }, (_key, value: unknown) =>
    value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value,
  );
}

async function readInput(request: EdgeRequest): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBodyBytes)
      throw new AppError('media_too_large', 'A request may be 32 MB at most. Hand over a file instead.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new AppError('invalid_request', 'The request is not valid JSON.');
  }
}
