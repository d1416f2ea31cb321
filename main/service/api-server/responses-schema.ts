/** The body of `/v1/responses`, as OpenAI documents it; what this server keeps no state for is refused. */
import { z } from 'zod';
import { neutralFields, parallelCalls, quietFields, strictTool } from './quiet-fields.ts';
import { samplingFields } from './sampling-schema.ts';

const text = z.string().max(10_000_000);
const uri = z.string().min(1).max(45_000_000);

const inputPart = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(['input_text', 'output_text']),
    text,
    annotations: z.tuple([]).nullish(),
    logprobs: z.array(z.unknown()).max(100_000).nullish(),
  }),
  z.strictObject({
    type: z.literal('input_image'),
    image_url: uri,
    detail: z.enum(['auto', 'low', 'medium', 'high']).nullish(),
  }),
  z.strictObject({ type: z.literal('input_file'), filename: z.string().max(255).nullish(), file_data: uri }),
]);

/** What an item of an earlier answer holds beside its content, and clients send back with it. */
const given = {
  id: z.string().max(200).nullish(),
  status: z.enum(['in_progress', 'completed', 'incomplete']).nullish(),
};

const item = z.union([
  z.strictObject({
    type: z.literal('message').default('message'),
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: z.union([text, z.array(inputPart).max(256)]),
    ...given,
  }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string().max(200),
    name: z.string().max(200),
    arguments: z.string().max(1_000_000),
    ...given,
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    call_id: z.string().max(200),
    output: text,
    ...given,
  }),
]);

export const responsesRequestSchema = z.strictObject({
  model: z.string().max(200).default(''),
  input: z.union([text, z.array(item).min(1).max(2048)]),
  instructions: text.nullish(),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  max_output_tokens: z.int().min(1).max(1_000_000).nullish(),
  /** Beyond OpenAI, as in the chat. */
  seed: samplingFields.seed,
  /** How many of the likeliest tokens are told beside each chosen one; log-probabilities need `include`, too. */
  top_logprobs: z.int().min(0).max(20).nullish(),
  include: z.array(z.literal('message.output_text.logprobs')).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.literal(false).nullish() }).nullish(),
  parallel_tool_calls: parallelCalls,
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
        description: z.string().max(10_000).nullish(),
        parameters: z.record(z.string(), z.unknown()).nullish(),
        strict: strictTool,
      }),
    )
    .max(128)
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.literal('function'), name: z.string().max(64) }),
    ])
    .nullish(),
  /** Nothing is kept: an earlier response can't be named. */
  previous_response_id: z.null().optional(),
  conversation: z.null().optional(),
  prompt: z.null().optional(),
  ...quietFields,
  store: neutralFields.store,
  background: z.literal(false).nullish(),
  max_tool_calls: z.null().optional(),
  reasoning: z.null().optional(),
  /** What is too long is refused, as OpenAI's default has it. */
  truncation: z.literal('disabled').nullish(),
  text: z
    .object({
      format: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.enum(['text', 'json_object']) }),
          z.strictObject({
            type: z.literal('json_schema'),
            name: z.string().max(200),
            description: z.string().max(10_000).nullish(),
            /** An answer is always held to its schema. */
            strict: z.boolean().nullish(),
            schema: z.record(z.string(), z.unknown()),
          }),
        ])
        .nullish(),
      verbosity: z.literal('medium').nullish(),
    })
    .nullish(),
});

export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;
export type ResponsesItem = Exclude<ResponsesRequest['input'], string>[number];
