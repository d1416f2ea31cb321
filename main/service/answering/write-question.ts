/** The question of an answer: written down where it is new, found where it is there. */
import type { z } from 'zod';
import type { Message } from '../../../preload/contract/conversations.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { generationRequestSchema } from '../../../preload/contract/generation.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';

export type AnswerRequest = z.output<typeof generationRequestSchema>;

/** Puts the question on the disk where there is a new one, and returns what is to be answered. */
export async function writeQuestion(
  stores: Stores,
  request: AnswerRequest,
): Promise<{ store: Store; question: Message; isNew: boolean }> {
  switch (request.type) {
    case 'question': {
      const store = stores.ofConversation(request.conversationId);
      await stores.bringAttachments(store, request.parts);
      const { conversationId, parentId, parts, task } = request;
      return {
        store,
        question: store.addMessage({ conversationId, parentId, role: 'user', parts, task }),
        isNew: true,
      };
    }
    case 'edit': {
      const store = stores.ofMessage(request.messageId);
      requireRole(store.getMessage(request.messageId), 'user');
      await stores.bringAttachments(store, request.parts);
      return {
        store,
        question: store.editMessage(request.messageId, request.parts, request.task),
        isNew: true,
      };
    }
    default: {
      const store = stores.ofMessage(request.messageId);
      return { store, question: store.getMessage(request.messageId), isNew: false };
    }
  }
}

/** @throws AppError `invalid_request` */
export function requireRole(message: Message, role: Message['role']): void {
  if (message.role === role) return;
  throw new AppError(
    'invalid_request',
    role === 'user' ? 'Only a question can be answered.' : 'Only an answer can be continued.',
  );
}
