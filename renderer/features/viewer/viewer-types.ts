/** What the viewer shows, in the words of the contract. */
import type { Attachment, Box } from '../../../preload/contract/attachments.ts';

export interface ViewerSubject {
  attachment: Attachment;
  name: string;
}

/** Which picture of a file: a page (from 1) of a document, a frame of a film, or the picture itself (both null). */
export interface ViewerPlace {
  page: number | null;
  timeMs: number | null;
}

/** A box to draw, such as one that an answer speaks of. */
export interface ViewerBox extends ViewerPlace {
  id: string;
  box: Box;
  label: string;
}

/** A box that a person drew. */
export interface ViewerRegion extends ViewerPlace {
  box: Box;
}
