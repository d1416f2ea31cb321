/** A conversation as the decoder reads it: token ids, with a slot of placeholders for each picture's visual tokens. */
import { applyChatTemplate, type Message, type PlacedPicture } from './chat-template.ts';
import type { Tokenizer } from './tokenizer.ts';

/** A run of `<IMG_CONTEXT>` that one picture's visual tokens take the place of. */
export interface PictureSlot {
  /** Position in `ids` of the first placeholder. */
  start: number;
  /** Placeholders in a row = the picture's visual tokens. */
  length: number;
  /** The picture's place among all pictures of the conversation, from 0. */
  pictureIndex: number;
  hash: string;
}

export interface Prompt {
  /** Placeholders expanded: as many ids as positions. */
  ids: Int32Array;
  /** In the order of the pictures; combined pictures have slots side by side. */
  slots: PictureSlot[];
  /**
   * Answers, from the token that each is written behind to its last; in order. The last one may be that token alone.
   * Absent where a prompt is no conversation.
   */
  answers?: TokenRange[];
}

/** Tokens first … end − 1. */
export interface TokenRange {
  first: number;
  end: number;
}

/**
 * Tokenises a conversation up to where the answer begins. Everything between two control tokens is tokenised in one
 * stretch, whatever parts it came in, so ids equal those of the whole prompt string in the reference.
 * @param options.continueLastAnswer leave the last assistant message open and go on writing it; default false
 * @throws AppError `invalid_request` where there is no answer to continue
 */
export function buildPrompt(
  tokenizer: Tokenizer,
  messages: readonly Message[],
  options: { continueLastAnswer?: boolean } = {},
): Prompt {
  const { control } = tokenizer;
  const ids: number[] = [...tokenizer.promptStart];
  const slots: PictureSlot[] = [];
  const answers: TokenRange[] = [];
  let stretch = '';
  let answerFirst: number | null = null;
  const endStretch = () => {
    for (const id of tokenizer.encodeText(stretch)) ids.push(id);
    stretch = '';
    if (answerFirst !== null) answers.push({ first: answerFirst, end: ids.length });
    answerFirst = null;
  };
  const placePicture = ({ hash, visualTokens }: PlacedPicture) => {
    slots.push({ start: ids.length, length: visualTokens, pictureIndex: slots.length, hash });
    for (let i = 0; i < visualTokens; i++) ids.push(control.imgContext);
  };

  for (const piece of applyChatTemplate(messages, options)) {
    if (piece.type === 'text') {
      stretch += piece.text;
      if ('opensAnswer' in piece) answerFirst = ids.length + tokenizer.encodeText(stretch).length - 1;
      continue;
    }
    endStretch();
    if (piece.type === 'control') {
      ids.push(control[piece.token]);
    } else {
      ids.push(control.img);
      piece.pictures.forEach(placePicture);
      ids.push(control.imgEnd);
    }
  }
  endStretch();
  return { ids: Int32Array.from(ids), slots, answers };
}
