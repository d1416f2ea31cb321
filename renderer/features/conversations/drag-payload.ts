/** What travels when conversations or folders are dragged within the sidebar. */
import type { ConversationId, FolderId } from '../../../preload/contract/ids.ts';

export type DragPayload = { type: 'conversations'; ids: ConversationId[] } | { type: 'folder'; id: FolderId };

/** A type of our own, so that no other drop zone takes it for a file or text. */
const mediaType = 'application/x-internvl-sidebar';

export function startDrag(transfer: DataTransfer, payload: DragPayload): void {
  transfer.setData(mediaType, JSON.stringify(payload));
  transfer.effectAllowed = 'move';
}

export const carriesPayload = (transfer: DataTransfer): boolean => transfer.types.includes(mediaType);

export function readDrag(transfer: DataTransfer): DragPayload | null {
  const text = transfer.getData(mediaType);
  return text === '' ? null : (JSON.parse(text) as DragPayload);
}
