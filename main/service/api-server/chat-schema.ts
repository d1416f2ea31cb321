/** The body of `/v1/chat/completions`, as OpenAI documents it, with LMDeploy's and vLLM's additions for pictures. */
import { z } from 'zod';
import { neutralFields, parallelCalls, quietFields, strictTool } from './quiet-fields.ts';
import { samplingFields } from './sampling-schema.ts';

const text = z.string().max(10_000_000);
const uri = z.string().min(1).max(45_000_000);
const detail = z.enum(['auto', 'low', 'medium', 'high']).nullish();
const maxTiles = z.int().min(1).max(40).nullish();

/** Nothing is padded here, so that obfuscation may only be off or left to the server. */
export const streamOptions = z
  .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.literal(false).nullish() })
  .nullish();

export const imagePartSchema = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.union([
    uri.transform((url) => ({ url, detail: undefined, max_dynamic_patch: undefined })),
    z.strictObject({ url: uri, detail, max_dynamic_patch: maxTiles }),
  ]),
});

const contentPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text }),
  imagePartSchema,
  z.strictObject({ type: z.literal('video_url'), video_url: z.strictObject({ url: uri }) }),
  z.strictObject({
    type: z.literal('file'),
    file: z.strictObject({ filename: z.string().max(255).nullish(), file_data: uri }),
  }),
]);

const content = z.union([text, z.array(contentPart).max(256)]);
const textContent = z.union([text, z.array(z.strictObject({ type: z.literal('text'), text })).max(256)]);
/** The template names roles only, no persons. */
const name = z.null('messages carry no names here').optional();
/** What an answer of this server holds beside its text, and clients send back with it. */
const nothingSaid = {
  refusal: z.null().optional(),
  audio: z.null().optional(),
  annotations: z.tuple([]).nullish(),
};

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer']), content: textContent, name }),
  z.strictObject({ role: z.literal('user'), content, name }),
  z.strictObject({
    role: z.literal('assistant'),
    content: textContent.nullish(),
    name,
    ...nothingSaid,
    tool_calls: z
      .array(
        z.strictObject({
          id: z.string().max(200),
          type: z.literal('function'),
          function: z.strictObject({ name: z.string().max(200), arguments: z.string().max(1_000_000) }),
        }),
      )
      .max(64)
      .nullish(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    content: textContent,
    tool_call_id: z.string().max(200),
    name: z.string().max(200).nullish(),
  }),
]);

const toolSchema = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
    description: z.string().max(10_000).optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: strictTool,
  }),
});

export const chatRequestSchema = z.strictObject({
  model: z.string().max(200).default(''),
  messages: z.array(message).min(1).max(2048),
  ...samplingFields,
  ...quietFields,
  ...neutralFields,
  modalities: z.tuple([z.literal('text')]).nullish(),
  parallel_tool_calls: parallelCalls,
  max_tokens: z.int().min(1).max(1_000_000).nullish(),
  max_completion_tokens: z.int().min(1).max(1_000_000).nullish(),
  n: z.int().min(1).max(8).nullish(),
  stream: z.boolean().nullish(),
  stream_options: streamOptions,
  tools: z.array(toolSchema).max(128).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string().max(64) }) }),
    ])
    .nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text') }),
      z.strictObject({ type: z.literal('json_object') }),
      z.strictObject({
        type: z.literal('json_schema'),
        json_schema: z.strictObject({
          name: z.string().max(200).nullish(),
          description: z.string().max(10_000).nullish(),
          /** An answer is always held to its schema. */
          strict: z.boolean().nullish(),
          schema: z.record(z.string(), z.unknown()),
        }),
      }),
      /** LMDeploy's. */
      z.strictObject({ type: z.literal('regex_schema'), regex_schema: z.string().min(1).max(100_000) }),
    ])
    .nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  max_dynamic_patch: maxTiles,
  mm_processor_kwargs: z.strictObject({ max_dynamic_patch: maxTiles }).nullish(),
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type ChatMessage = ChatRequest['messages'][number];
