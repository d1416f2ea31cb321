/** A request's JSON body: bounded in bytes and depth, checked against its schema. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { invalid, refuse } from './api-error.ts';

/** Of a whole body; a picture of 24 MB fits as base64. */
export const maxBodyBytes = 32 * 1024 * 1024;
const maxDepth = 64;

/** @throws ApiRefusal (413) or AppError `invalid_request` naming the first field that is wrong */
export async function readBody<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const text = await readText(context.req.raw);
  refuseDeep(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid('The body is not valid JSON.');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.map((step) => String(step).slice(0, 60)).join('.') || 'the top';
  throw invalid(`The request is not valid at ${where}: ${issue?.message.slice(0, 200) ?? 'unknown'}.`);
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes <= maxBodyBytes) chunks.push(chunk);
    // A client reads the refusal only when it has sent its body, so some more of it is taken and thrown away.
    else if (sizeBytes > 2 * maxBodyBytes) break;
  }
  if (sizeBytes > maxBodyBytes) throw refuse(413, 'body_too_large', 'The body is larger than 32 MB.');
  return Buffer.concat(chunks).toString('utf8');
}

/** Before parsing, since a parser would go down first. */
function refuseDeep(text: string): void {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isInText = false;
    } else if (code === 0x22) isInText = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > maxDepth) throw invalid('The body is nested too deeply.');
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
}
