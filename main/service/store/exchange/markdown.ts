/** A conversation as Markdown: the shown path, with the names of its files. */
import type { Part } from '../../../../preload/contract/attachments.ts';
import type { Message } from '../../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../../preload/contract/ids.ts';
import type { Store } from '../open-store.ts';
import { shownMessages } from './document.ts';

export function writeMarkdown(store: Store, id: ConversationId): string {
  const { title, systemText } = store.getConversation(id);
  const messages = [...shownMessages(store, id)];
  const blocks = [
    `# ${escapeInline(title || 'Conversation')}`,
    ...(systemText ? ['## System', systemText] : []),
    ...messages.flatMap((message) => [headingOf(message), ...message.parts.flatMap(partWriter(message))]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function headingOf({ role, state }: Message): string {
  if (role === 'user') return '## Question';
  return state === 'complete' ? '## Answer' : `## Answer (${state})`;
}

/** Text is Markdown already; a file becomes a line in italics, and what an answer thought before it answered is folded. */
function partWriter({ role }: Message): (part: Part, index: number) => string[] {
  return (part, index) => {
    if (part.type !== 'text') return [`*${describePart(part, escapeInline)}*`];
    return role === 'assistant' && index === 0 ? foldThought(part.text) : [part.text];
  };
}

/** A block at the very beginning only, as the page folds it; one that was cut off has no answer behind it. */
function foldThought(text: string): string[] {
  const [, thought, end = '', answer = ''] =
    /^\s*<think>([\s\S]*?)(<\/think>|$)\s*([\s\S]*)$/.exec(text) ?? [];
  if (thought === undefined) return [text];
  const title = end === '' ? 'Thought (cut off)' : 'Thought';
  const folded = ['<details>', `<summary>${title}</summary>`, '', thought.trim(), '', '</details>'].join(
    '\n',
  );
  return answer === '' ? [folded] : [folded, answer];
}

/** A file and the place in it, in words. */
export function describePart(part: Exclude<Part, { type: 'text' }>, clean: (text: string) => string): string {
  const name = clean(part.name);
  switch (part.type) {
    case 'picture':
      return `Picture: ${name}`;
    case 'region':
      return `Region of ${name}${part.page === null ? '' : `, page ${part.page}`}`;
    case 'document':
      return `Document: ${name}, ${part.pages.length === 1 ? 'page' : 'pages'} ${part.pages.map(({ page }) => page).join(', ')}`;
    case 'film':
      return `Film: ${name}, ${part.frameTimesMs.length} frames`;
  }
}

function escapeInline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');
}
