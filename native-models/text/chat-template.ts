/** The conversation template `internvl2_5`: messages → control tokens, text and pictures in their order. */
import { AppError } from '../../preload/contract/errors.ts';
import type { ControlToken } from './tokenizer.ts';

/** System text of the originals (model card; OpenGVLab/InternVL, conversation.py). The `-hf` template has none. */
export const defaultSystemText =
  '你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华大学及多家合作单位联合开发的多模态大语言模型。';

/** A picture as a prompt knows it. */
export interface PlacedPicture {
  /** Names the pixels: equal hashes have equal visual tokens. */
  hash: string;
  /** How many placeholders it takes: tiles × visual tokens a tile. */
  visualTokens: number;
}

/** Text, or pictures that share one `<img> … </img>` (several only in the card's combined form). */
export type Part<Picture = PlacedPicture> =
  | { type: 'text'; text: string }
  | { type: 'pictures'; pictures: Picture[] };

export interface Message {
  role: 'system' | 'user' | 'assistant';
  parts: Part[];
}

/** A prompt before it is tokenised. */
export type PromptPiece =
  | Part
  | { type: 'control'; token: ControlToken }
  /** The header of an answer: what follows up to the next control token is the model's own. */
  | { type: 'text'; text: string; opensAnswer: true };

/**
 * Lays messages out as the template does, with the header of the coming answer at the end. A system block appears
 * only where a system message stands.
 * @param options.continueLastAnswer leave the last message, an assistant's, open instead; default false
 * @throws AppError `invalid_request` where there is no answer to continue
 */
export function applyChatTemplate(
  messages: readonly Message[],
  options: { continueLastAnswer?: boolean } = {},
): PromptPiece[] {
  const pieces: PromptPiece[] = [];
  const open = (role: Message['role']) =>
    pieces.push(
      { type: 'control', token: 'imStart' },
      { type: 'text', text: `${role}\n`, ...(role === 'assistant' && { opensAnswer: true }) },
    );
  const close = () => pieces.push({ type: 'control', token: 'imEnd' }, { type: 'text', text: '\n' });

  if (options.continueLastAnswer && messages.at(-1)?.role !== 'assistant') {
    throw new AppError('invalid_request', 'There is no answer to continue: the last message is not one.');
  }
  for (const [index, { role, parts }] of messages.entries()) {
    open(role);
    pieces.push(...parts);
    if (!options.continueLastAnswer || index < messages.length - 1) close();
  }
  if (!options.continueLastAnswer) open('assistant');
  return pieces;
}

/**
 * The system text a checkpoint was trained with, or null for none.
 * @param checkpoint.template name in the original's config.json; the `-hf` layout has none
 * @param checkpoint.systemMessage the config's `system_message`; null or absent means the template's own text
 * (the reference code would print "None" there)
 * @throws AppError `checkpoint_unsupported` for another template
 */
export function systemTextFor(checkpoint: {
  layout: 'original' | 'hf';
  template: string | null;
  systemMessage?: string | null;
}): string | null {
  if (checkpoint.layout === 'hf') return null;
  if (checkpoint.template !== 'internvl2_5') {
    const name = checkpoint.template === null ? 'not named' : `"${checkpoint.template.slice(0, 60)}"`;
    throw new AppError(
      'checkpoint_unsupported',
      `This model can't run here: its conversation template is ${name}, only "internvl2_5" is known.`,
    );
  }
  return checkpoint.systemMessage ?? defaultSystemText;
}
