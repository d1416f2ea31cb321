/** How many tokens a question that is being written will take in the prompt, with its files, behind what was said before. */
import type { LoadedModel } from '../../../native-models/process/engine-client.ts';
import type { Part } from '../../../preload/contract/attachments.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { QuestionEstimate } from '../../../preload/contract/generation.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import { documentKindOf } from '../attachments/document-kind.ts';
import type { FileTexts } from '../attachments/file-texts.ts';
import type { Stores } from '../stores.ts';
import type { CountTokens } from './count-tokens.ts';
import {
  contentOf,
  type DocumentKind,
  documentBlock,
  picturesOf,
  type WantedText,
} from './message-content.ts';
import { tilesOf } from './picture-grids.ts';

export type CountQuestion = (
  question: {
    parts: readonly Part[];
    /** What is known of each part's pictures. */
    estimates: QuestionEstimate['parts'];
    /** What was said before. */
    path: readonly Message[];
    /** Empty for none, and where earlier turns brought it already. */
    systemText: string;
    model: LoadedModel['description'];
  },
  signal: AbortSignal,
) => Promise<number>;

/** UTF-8 bytes of usual text in a token of a large vocabulary: 4 in English, 3 in Chinese. */
const bytesPerToken = 3.5;
/** Control tokens and line ends around a message. */
const tokensPerMessage = 5;

export function questionCounter(service: {
  stores: Stores;
  texts: FileTexts;
  countTokens: CountTokens;
}): CountQuestion {
  const { stores, texts, countTokens } = service;

  const kindOf = (id: AttachmentId): DocumentKind => {
    try {
      return documentKindOf(stores.ofAttachment(id), id);
    } catch (error) {
      return orNull(error) ?? 'text'; // a file that is lost is told where it is used
    }
  };

  async function readDocuments(wanted: readonly WantedText[], signal: AbortSignal): Promise<string[]> {
    const documents: string[] = [];
    for (const one of wanted) {
      const readOne = async () => texts.read(stores.ofAttachment(one.attachmentId), one, signal);
      const read = await readOne().catch(orNull);
      if (read) documents.push(documentBlock(one, read.text));
    }
    return documents;
  }

  return async ({ parts, estimates, path, systemText, model }, signal) => {
    const content = contentOf(parts, kindOf);
    const documents = await readDocuments(content.texts, signal);
    const pictures = parts.flatMap((part, place) => {
      const grids = estimates[place]?.grids ?? [];
      return picturesOf(part, kindOf, place).flatMap((wanted, index) => {
        const grid = grids[index];
        return grid ? [{ wanted, visualTokens: tilesOf(grid) * model.visualTokensPerTile }] : [];
      });
    });
    const picturesBefore = path
      .flatMap((message) => contentOf(message.parts, kindOf).pictures)
      .filter(({ film }) => film === null).length;
    const question = { systemText, documents, pictures, picturesBefore, words: content.words };
    const exact = await countTokens({ ...question, modelName: model.name }).catch(orNull);
    if (exact !== null) return exact;
    // A model on another machine may keep its tokenizer there.
    const visualTokens = pictures.reduce((sum, picture) => sum + picture.visualTokens, 0);
    const bytes = Buffer.byteLength([systemText, ...documents, content.words].join(''));
    return visualTokens + Math.ceil(bytes / bytesPerToken) + tokensPerMessage * (systemText === '' ? 1 : 2);
  };
}

function orNull(error: unknown): null {
  if (error instanceof AppError) return null;
  throw error;
}
