/** The body of `/v1/responses`, as OpenAI documents it; what this server keeps no state for is refused. */
import { z } from 'zod';
import { samplingFields } from './sampling-schema.ts';

const text = z.string().max(10_000_000);
const uri = z.string().min(1).max(45_000_000);

const inputPart = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['input_text', 'output_text']), text }),
  z.object({
    type: z.literal('input_image'),
    image_url: uri,
    detail: z.enum(['auto', 'low', 'medium', 'high']).nullish(),
  }),
  z.object({ type: z.literal('input_file'), filename: z.string().max(255).nullish(), file_data: uri }),
]);

const item = z.union([
  z.object({
    type: z.literal('message').default('message'),
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: z.union([text, z.array(inputPart).max(256)]),
  }),
  z.object({
    type: z.literal('function_call'),
    call_id: z.string().max(200),
    name: z.string().max(200),
    arguments: z.string().max(1_000_000),
  }),
  z.object({ type: z.literal('function_call_output'), call_id: z.string().max(200), output: text }),
]);

export const responsesRequestSchema = z.object({
  model: z.string().max(200).default(''),
  input: z.union([text, z.array(item).min(1).max(2048)]),
  instructions: text.nullish(),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  max_output_tokens: z.int().min(1).max(1_000_000).nullish(),
  stream: z.boolean().nullish(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/),
        description: z.string().max(10_000).nullish(),
        parameters: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .max(128)
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), name: z.string().max(64) }),
    ])
    .nullish(),
  /** Nothing is kept: an earlier response can't be named. */
  previous_response_id: z.null().optional(),
  text: z
    .object({
      format: z
        .discriminatedUnion('type', [
          z.object({ type: z.enum(['text', 'json_object']) }),
          z.object({
            type: z.literal('json_schema'),
            name: z.string().max(200),
            schema: z.record(z.string(), z.unknown()),
          }),
        ])
        .nullish(),
    })
    .nullish(),
});

export type ResponsesRequest = z.infer<typeof responsesRequestSchema>;
export type ResponsesItem = Exclude<ResponsesRequest['input'], string>[number];
