/** The stretch of a conversation's path that is in the page, and how events change it. Pure. */
import type { Message, MessagePage } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';

export interface MessageWindow {
  messages: readonly Message[];
  /** Place of the first one on the path. */
  start: number;
}

export const emptyWindow: MessageWindow = { messages: [], start: 0 };

export function fromPage(page: MessagePage): MessageWindow {
  return { messages: page.messages, start: page.start };
}

/** Puts older messages in front; none twice. */
export function withOlder(window: MessageWindow, page: MessagePage): MessageWindow {
  const known = new Set(window.messages.map(({ id }) => id));
  const older = page.messages.filter(({ id }) => !known.has(id));
  return { messages: [...older, ...window.messages], start: page.start };
}

/**
 * Shows a message in its place: instead of itself, instead of the sibling that was shown and all below it, or at the
 * end behind its parent.
 */
export function withMessage(window: MessageWindow, message: Message): MessageWindow {
  const { messages } = window;
  const own = messages.findIndex(({ id }) => id === message.id);
  if (own >= 0) return { ...window, messages: messages.with(own, message) };
  const parent = messages.findIndex(({ id }) => id === message.parentId);
  const kept = parent >= 0 ? messages.slice(0, parent + 1) : message.parentId === null ? [] : messages;
  return { ...window, messages: [...kept, message] };
}

/** Without a message and all that follows it; null: all of them. */
export function messagesBefore(messages: readonly Message[], id: MessageId | null): readonly Message[] {
  const at = id === null ? -1 : messages.findIndex((message) => message.id === id);
  return at < 0 ? messages : messages.slice(0, at);
}
