/** How large a question will be, told before its model is loaded: the memory for it is counted beforehand. */
import type { QuestionSize } from '../../native-models/process/engine-client.ts';
import type { Attachments } from './attached-files.ts';
import type { AskCommand } from './parse-arguments.ts';

/** The family's: a tile of 448 pixels, and at most so many of a picture unless said otherwise, the thumbnail beside them. */
const tokensPerTile = 256;
const usualTiles = 12;

/** English has about four characters a token, Chinese more than one token for two: this is between. */
const charactersPerToken = 2;
const usualAnswerTokens = 1024;

/** Upper estimate: pictures are not cut yet, so each is counted with as many tiles as it may have. */
export function expectedQuestion(
  { question, maxTiles, generation }: Pick<AskCommand, 'question' | 'maxTiles' | 'generation'>,
  { pictures, documents }: Attachments,
): QuestionSize {
  const tilesOf = (file: Attachments['pictures'][number]) =>
    file.kind === 'film' ? file.frameCount : (maxTiles ?? usualTiles) + 1;
  const tiles = pictures.reduce((sum, file) => sum + tilesOf(file), 0);
  const characters = documents.reduce((sum, { text }) => sum + text.length, question.length);
  const textTokens = Math.ceil(characters / charactersPerToken);
  const tokens = tiles * tokensPerTile + textTokens + (generation.maxNewTokens ?? usualAnswerTokens);
  return { tokens, hasPictures: tiles > 0 };
}
