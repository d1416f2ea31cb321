/** Real questions to the embedded model, beside the page. */
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { RunningApp } from './running-app.ts';

/** Asks the embedded model about a sample, then whatever follows, and returns the conversation. */
export async function askAboutSample(
  app: RunningApp,
  fileName: string,
  followUps: readonly string[] = [],
): Promise<ConversationId> {
  const { samples } = await app.call('listSamples', {});
  const sample = samples.find((known) => known.fileName === fileName)!;
  const { attachment, name } = await app.call('addSample', { id: sample.id });
  const { id } = await app.call('createConversation', {});
  let parentId: MessageId | null = null;
  for (const text of [sample.question, ...followUps]) {
    const picture = { type: 'picture', attachmentId: attachment.id, name, detail: 'balanced' };
    const events = await app.drain('generateMessage', {
      type: 'question',
      conversationId: id,
      parentId,
      parts: [...(parentId === null ? [picture] : []), { type: 'text', text }],
    });
    parentId = (events.at(-1) as { message: { id: MessageId } }).message.id;
  }
  return id;
}
