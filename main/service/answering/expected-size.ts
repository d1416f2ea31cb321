/** How large a question will be, told before its model is loaded: memory for it is counted then, and pictures are not cut yet. */
import type { QuestionSize } from '../../../native-models/process/engine-client.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import { maxTilesOf } from './detail-tiles.ts';
import { contentOf, type DocumentKind } from './message-content.ts';

/** Of every published model. */
const family = {
  tileSize: 448,
  visualTokensPerTile: 256,
  minTiles: 1,
  maxTiles: 12,
  useThumbnail: true,
  contextLength: 32_768,
};
/** English has about four characters a token, Chinese more than one token for two: this is between. */
const charactersPerToken = 2;
/** A page's text, which is not read yet. */
const pageTokens = 1000;
const usualAnswerTokens = 1024;

/**
 * Upper estimate: each picture with as many tiles as its detail allows.
 * @param path from the first message to the question, shown or not
 */
export function expectedSize(
  path: readonly Pick<Message, 'parts'>[],
  {
    kindOf,
    maxNewTokens = usualAnswerTokens,
  }: { kindOf: (id: AttachmentId) => DocumentKind; maxNewTokens?: number | undefined },
): QuestionSize {
  const contents = path.map(({ parts }) => contentOf(parts, kindOf));
  const pictures = contents.flatMap((content) => content.pictures);
  const tiles = pictures.reduce((sum, { film, detail }) => {
    const most = film === null ? maxTilesOf(detail, family) : 1;
    return sum + (most > 1 ? most + 1 : most); // the thumbnail beside them
  }, 0);
  const characters = contents.reduce((sum, { words }) => sum + words.length, 0);
  const pages = contents.reduce((sum, { texts }) => sum + texts.length, 0);
  const text = Math.ceil(characters / charactersPerToken) + pages * pageTokens;
  return {
    tokens: tiles * family.visualTokensPerTile + text + maxNewTokens,
    hasPictures: pictures.length > 0,
  };
}
