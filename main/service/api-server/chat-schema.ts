/** The body of `/v1/chat/completions`, as OpenAI documents it, with LMDeploy's and vLLM's additions for pictures. */
import { z } from 'zod';
import { samplingFields } from './sampling-schema.ts';

const text = z.string().max(10_000_000);
const uri = z.string().min(1).max(45_000_000);
const detail = z.enum(['auto', 'low', 'medium', 'high']).nullish();
const maxTiles = z.int().min(1).max(40).nullish();

export const imagePartSchema = z.object({
  type: z.literal('image_url'),
  image_url: z.union([
    uri.transform((url) => ({ url, detail: undefined, max_dynamic_patch: undefined })),
    z.object({ url: uri, detail, max_dynamic_patch: maxTiles }),
  ]),
});

const contentPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  imagePartSchema,
  z.object({ type: z.literal('video_url'), video_url: z.object({ url: uri }) }),
  z.object({
    type: z.literal('file'),
    file: z.object({ filename: z.string().max(255).nullish(), file_data: uri }),
  }),
]);

const content = z.union([text, z.array(contentPart).max(256)]);
const textContent = z.union([text, z.array(z.object({ type: z.literal('text'), text })).max(256)]);
const name = z.string().max(200).nullish();

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: textContent, name }),
  z.object({ role: z.literal('user'), content, name }),
  z.object({
    role: z.literal('assistant'),
    content: textContent.nullish(),
    name,
    tool_calls: z
      .array(
        z.object({
          id: z.string().max(200),
          type: z.literal('function'),
          function: z.object({ name: z.string().max(200), arguments: z.string().max(1_000_000) }),
        }),
      )
      .max(64)
      .nullish(),
  }),
  z.object({ role: z.literal('tool'), content: textContent, tool_call_id: z.string().max(200) }),
]);

export const toolSchema = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
    description: z.string().max(10_000).optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
});

export const chatRequestSchema = z.object({
  model: z.string().max(200).default(''),
  messages: z.array(message).min(1).max(2048),
  ...samplingFields,
  max_tokens: z.int().min(1).max(1_000_000).nullish(),
  max_completion_tokens: z.int().min(1).max(1_000_000).nullish(),
  n: z.int().min(1).max(8).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(toolSchema).max(128).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string().max(64) }) }),
    ])
    .nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({
          name: z.string().max(200).nullish(),
          schema: z.record(z.string(), z.unknown()),
        }),
      }),
      /** LMDeploy's. */
      z.object({ type: z.literal('regex_schema'), regex_schema: z.string().min(1).max(100_000) }),
    ])
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  max_dynamic_patch: maxTiles,
  mm_processor_kwargs: z.object({ max_dynamic_patch: maxTiles }).nullish(),
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type ChatMessage = ChatRequest['messages'][number];
