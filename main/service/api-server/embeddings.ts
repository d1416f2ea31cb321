/** `/v1/embeddings`: vectors of texts and pictures in OpenAI's shape. */
import { z } from 'zod';
import type { ApiEngine, ApiPart } from './api-engine.ts';
import { invalid } from './api-error.ts';
import { picturePart } from './chat-question.ts';
import { imagePartSchema } from './chat-schema.ts';
import { quietFields } from './quiet-fields.ts';

const text = z.string().min(1).max(1_000_000);
const input = z.union([text, z.strictObject({ type: z.literal('text'), text }), imagePartSchema]);
type Input = z.infer<typeof input>;

export const embeddingsRequestSchema = z.strictObject({
  model: z.string().max(200).default(''),
  /** Beyond OpenAI: a picture, in the form of a chat's content part, wherever a text may stand. */
  input: z.union([input, z.array(input).min(1).max(256)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  /** The model's own width or nothing: these vectors can't be shortened. */
  dimensions: z.int().min(1).nullish(),
  ...quietFields,
});

export async function answerEmbeddings(
  engine: ApiEngine,
  request: z.infer<typeof embeddingsRequestSchema>,
  { owner, signal }: { owner: string; signal: AbortSignal },
): Promise<Response> {
  const inputs = (Array.isArray(request.input) ? request.input : [request.input]).map(partOf);
  const model = request.model === '' ? null : request.model;
  const found = await engine.embed({ owner, model, inputs }, signal);
  if (!found) return new Response(null, { status: 499 }); // nobody reads it
  const width = found.vectors[0]?.length;
  if (request.dimensions != null && request.dimensions !== width) {
    throw invalid(`This model's embeddings have ${width} dimensions and can't be shortened.`);
  }
  return Response.json({
    object: 'list',
    model: found.model,
    data: found.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: request.encoding_format === 'base64' ? base64Of(vector) : Array.from(vector),
    })),
    usage: { prompt_tokens: found.promptTokens, total_tokens: found.promptTokens },
  });
}

function partOf(input: Input): ApiPart {
  if (typeof input === 'string') return { type: 'text', text: input };
  return input.type === 'text' ? input : picturePart(input, null);
}

/** float32, little-endian, as OpenAI's clients read it. */
function base64Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
