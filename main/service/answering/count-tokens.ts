/** How many tokens a new question takes in the prompt, by the loaded model's own tokenizer and template. */
import { createHash } from 'node:crypto';
import { applyChatTemplate } from '../../../native-models/process/engine-client.ts';
import { type EngineClient, pictureId } from '../../../native-models/process/engine-contract.ts';
import { createSizedCache } from '../attachments/sized-cache.ts';
import type { WantedPicture } from './message-content.ts';
import { filesOf } from './prepare-question.ts';
import { partsOf } from './prompt-messages.ts';

export interface QuestionToCount {
  /** Names the tokenizer. */
  modelName: string;
  /** Empty for none, and where earlier turns brought it already. */
  systemText: string;
  /** Each under its name, as the model reads it. */
  documents: readonly string[];
  pictures: readonly { wanted: WantedPicture; visualTokens: number }[];
  /** In earlier turns: the numbers go on behind them. */
  picturesBefore: number;
  words: string;
}

export type CountTokens = (question: QuestionToCount) => Promise<number>;

/** One request to the engine. */
const mostCharacters = 1_000_000;
const mostKnownTexts = 1000;
/** What the first texts of a large vocabulary come to; used beyond `mostCharacters` only, far past any context. */
const charactersPerToken = 4;

/** @throws AppError where the loaded model has no tokenizer here, as one on another machine */
export function tokenCounter(engine: Pick<EngineClient, 'tokenizeText'>): CountTokens {
  const known = createSizedCache<number>(mostKnownTexts, () => 1);

  async function countText(text: string, modelName: string): Promise<number> {
    if (text === '') return 0;
    const key = `${modelName}/${createHash('sha256').update(text).digest('base64')}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { tokenIds } = await engine.tokenizeText({ text: text.slice(0, mostCharacters) });
    const beyond = Math.max(0, text.length - mostCharacters);
    const count = tokenIds.length + Math.ceil(beyond / charactersPerToken);
    known.put(key, count);
    return count;
  }

  return async (question) => {
    const { modelName, systemText, documents, pictures, picturesBefore, words } = question;
    const lent = pictures.map((_, place) => ({ id: pictureId.parse(String(place)) }));
    const files = filesOf(
      lent,
      pictures.map(({ wanted }) => wanted),
    );
    const parts = partsOf({ documents: '', files, words }, picturesBefore).map((part) =>
      part.type === 'text'
        ? part
        : {
            type: part.type,
            pictures: part.pictureIds.map((id) => ({
              hash: id,
              visualTokens: pictures[Number(id)]!.visualTokens,
            })),
          },
    );
    const system = systemText === '' ? [] : [{ role: 'system' as const, parts: [textPart(systemText)] }];
    let count = 0;
    // Documents are long, stay the same while a person types, and end their stretch by empty lines.
    for (const document of documents) count += await countText(document, modelName);
    let stretch = '';
    for (const piece of [
      ...applyChatTemplate([...system, { role: 'user', parts }]),
      { type: 'end' } as const,
    ]) {
      if (piece.type === 'text') {
        stretch += piece.text;
        continue;
      }
      count += await countText(stretch, modelName);
      stretch = '';
      if (piece.type === 'control') count += 1;
      else if (piece.type === 'pictures')
        count += piece.pictures.reduce((sum, { visualTokens }) => sum + visualTokens, 2); // <img> and </img>
    }
    return count;
  };
}

const textPart = (text: string) => ({ type: 'text' as const, text });
