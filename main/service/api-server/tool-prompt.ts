/** Tools in the way of Qwen2.5's chat template: told in the system text, called and answered between tags. */
import type { ApiMessage } from './api-engine.ts';

export interface Tool {
  name: string;
  description?: string | undefined;
  /** JSON schema of the arguments. */
  parameters?: unknown;
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text of an object. */
  arguments: string;
}

/**
 * Adds the tools to the system message, or makes one (Qwen/Qwen2.5-0.5B-Instruct: tokenizer_config.json,
 * `chat_template`). `mustCall`: the template knows no such wish, so it is said in words.
 */
export function withTools(
  messages: readonly ApiMessage[],
  tools: readonly Tool[],
  mustCall: string | boolean,
): ApiMessage[] {
  if (tools.length === 0) return [...messages];
  const [first, ...rest] = messages;
  const systemText = first?.role === 'system' ? textOf(first) : '';
  const others = first?.role === 'system' ? rest : messages;
  return [
    { role: 'system', parts: [{ type: 'text', text: toolText(systemText, tools, mustCall) }] },
    ...others,
  ];
}

function toolText(systemText: string, tools: readonly Tool[], mustCall: string | boolean): string {
  const signatures = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ type: 'function', function: { name, description, parameters: parameters ?? {} } }),
  );
  const wish =
    mustCall === false
      ? ''
      : `\n\nAnswer with a call${typeof mustCall === 'string' ? ` of ${mustCall}` : ''} and nothing else.`;
  return `${systemText}${systemText === '' ? '' : '\n\n'}# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${signatures.join('\n')}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>${wish}`;
}

/** Earlier calls as the model wrote them. */
export function toolCallText({ name, arguments: text }: Pick<ToolCall, 'name' | 'arguments'>): string {
  return `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${text}}\n</tool_call>`;
}

/** A tool's answer, which the template gives the user's turn. */
export function toolResponseText(content: string): string {
  return `<tool_response>\n${content}\n</tool_response>`;
}

function textOf(message: ApiMessage): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
