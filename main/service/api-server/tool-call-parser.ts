/** Finds calls of tools in an answer while it streams, whatever way the stream is cut. */
import { randomUUID } from 'node:crypto';
import type { ToolCall } from './tool-prompt.ts';

const open = '<tool_call>';
const close = '</tool_call>';

export type ParsedPiece = { type: 'text'; text: string } | { type: 'call'; call: ToolCall };

export interface ToolCallParser {
  push(text: string): ParsedPiece[];
  /** What is left when the answer ends: an unfinished call is text after all. */
  flush(): ParsedPiece[];
}

/** @param enabled false passes everything on as text, as where a request names no tools */
export function createToolCallParser(enabled: boolean): ToolCallParser {
  let waiting = '';

  function take(): ParsedPiece[] {
    const pieces: ParsedPiece[] = [];
    for (;;) {
      const start = waiting.indexOf(open);
      if (start < 0) {
        const held = heldBack(waiting);
        addText(pieces, waiting.slice(0, waiting.length - held));
        waiting = waiting.slice(waiting.length - held);
        return pieces;
      }
      const end = waiting.indexOf(close, start);
      if (end < 0) {
        addText(pieces, waiting.slice(0, start).trimEnd());
        waiting = waiting.slice(start);
        return pieces;
      }
      addText(pieces, waiting.slice(0, start).trimEnd());
      const whole = waiting.slice(start, end + close.length);
      waiting = waiting.slice(end + close.length);
      const call = readCall(whole.slice(open.length, -close.length));
      if (call) pieces.push({ type: 'call', call });
      else addText(pieces, whole);
    }
  }

  return {
    push(text) {
      if (!enabled) return text === '' ? [] : [{ type: 'text', text }];
      waiting += text;
      return take();
    },
    flush() {
      const rest = waiting;
      waiting = '';
      return rest.trim() === '' ? [] : [{ type: 'text', text: rest }];
    },
  };
}

/** Characters at the end that may be the beginning of a tag. */
function heldBack(text: string): number {
  for (let count = Math.min(open.length - 1, text.length); count > 0; count--) {
    if (open.startsWith(text.slice(-count))) return count;
  }
  return 0;
}

function addText(pieces: ParsedPiece[], text: string): void {
  if (text !== '') pieces.push({ type: 'text', text });
}

/** Null for anything but {"name": text, "arguments": object}. */
function readCall(text: string): ToolCall | null {
  try {
    const { name, arguments: given } = JSON.parse(text) as { name?: unknown; arguments?: unknown };
    if (typeof name !== 'string' || name === '' || typeof given !== 'object' || given === null) return null;
    return {
      id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      name,
      arguments: JSON.stringify(given),
    };
  } catch {
    return null;
  }
}
