/** `internvl://` links: they lead to a place in the app and never do anything there. */
import { conversationIdSchema, messageIdSchema } from '../../preload/contract/ids.ts';
import type { AppEvent } from '../../preload/contract/system.ts';

/**
 * `internvl://conversation/<id>`, with `?message=<id>` or not; `internvl://new`.
 * @returns what pages are told; null for every other address
 */
export function readDeepLink(address: string): AppEvent | null {
  if (address.length > 500 || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'internvl:') return null;
  const [place = '', id = ''] = `${url.host}${url.pathname}`.split('/');
  if (place === 'new' && id === '') return { type: 'command', command: 'new-conversation' };
  if (place !== 'conversation') return null;
  const conversationId = conversationIdSchema.safeParse(id);
  if (!conversationId.success) return null;
  const message = url.searchParams.get('message');
  const messageId = message === null ? null : messageIdSchema.safeParse(message);
  if (messageId?.success === false) return null;
  return {
    type: 'show-conversation',
    conversationId: conversationId.data,
    messageId: messageId?.data ?? null,
  };
}
