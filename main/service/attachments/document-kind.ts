/** What can be had of a stored document, told by what is known of it. */
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import type { DocumentKind } from '../answering/message-content.ts';
import type { Store } from '../store/open-store.ts';

export function documentKindOf(store: Store, id: AttachmentId): DocumentKind {
  const { pageCount, mediaType } = store.getAttachment(id);
  if (pageCount === null) return 'text';
  return mediaType.startsWith('image/') ? 'scans' : 'pages';
}
