/** What a conversation's view is given, and what it asks of the page around it. */
import type { ReactNode } from 'react';
import type { Attachment, Box } from '../../../preload/contract/attachments.ts';
import type { ConversationId, FolderId, MessageId } from '../../../preload/contract/ids.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';
import type { PromptName } from './built-in-prompts.ts';
import type { AnswerBox } from './grounded-answer.ts';

/** What is opened large, and what to do with a region drawn on it. */
export interface OpenedFile {
  attachment: Attachment;
  name: string;
  place: { page: number | null; timeMs: number | null };
  startsDrawing: boolean;
  /** Of an answer, on the picture at `place`. */
  boxes: readonly AnswerBox[];
  /** Of a film: the frames that were asked about; default: some over all of it. */
  frameTimesMs?: readonly number[];
  onRegion(region: { box: Box; page: number | null; timeMs: number | null }): void;
}

/** A picture of a question, to be laid beside another. */
export interface ComparedPicture {
  subject: { attachment: Attachment; name: string };
  place: { page: number | null; timeMs: number | null };
}

/** Files and words given from outside: a sample, "open with", a screenshot. */
export interface Offer {
  uploadIds?: readonly UploadId[];
  sampleId?: string;
  question?: string;
  prompt?: PromptName;
}

export interface ChatViewProps {
  conversationId: ConversationId | null;
  /** For a conversation that the first question makes. */
  start: { folderId: FolderId | null };
  focusId: MessageId | null;
  settings: Settings;
  /** Taken once, then told. */
  offered: Offer | null;
  onOfferTaken(): void;
  onMade(id: ConversationId): void;
  onOpenFile(file: OpenedFile): void;
  onCompare(first: ComparedPicture, second: ComparedPicture): void;
  /** Absent where the host can't. */
  onCapture?: (() => void) | undefined;
  /** Begins and ends the header: the button of the sidebar, the model's picker. */
  headStart: ReactNode;
  headEnd: ReactNode;
  /** Shown while there is no message yet. */
  empty: ReactNode;
}
