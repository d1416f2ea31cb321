/** Embeds texts and pictures for the API server: each by itself, a picture as one tile. */
import { embedPart, type LoadedModel, putPicture } from '../../../native-models/process/engine-client.ts';
import type { EngineClient, PictureId } from '../../../native-models/process/engine-contract.ts';
import { inspectFile, openPicture } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { ApiEmbeddingQuestion, ApiEmbeddings, ApiPart } from '../api-server/api-engine.ts';

/** One tile by default, whatever the picture's shape: a cut or scaled copy is then seen as its original is. */
const usualTiles = 1;

type Processes = { engine: EngineClient; media: MediaClient };

/** @returns null after an abort */
export async function embedInputs(
  { engine, media }: Processes,
  asked: { question: ApiEmbeddingQuestion; model: LoadedModel['description'] },
  signal: AbortSignal,
): Promise<ApiEmbeddings | null> {
  const { question, model } = asked;
  if (model.remote)
    throw new AppError('invalid_request', 'A model on another machine is not asked for embeddings.');
  const embeddings: ApiEmbeddings = { model: model.name, vectors: [], promptTokens: 0 };
  for (const input of question.inputs) {
    const found = input.type === 'text' ? await embedText(input.text) : await embedPicture(input);
    if (!found) return null;
    embeddings.vectors.push(found.vector);
    embeddings.promptTokens += found.tokenCount;
  }
  return embeddings;

  function embedText(text: string) {
    return embedPart(engine, { part: { type: 'text', text }, client: question.owner }, signal);
  }

  async function embedPicture({ bytes, name, maxTiles }: Extract<ApiPart, { type: 'file' }>) {
    const source = { bytes, name };
    const { kind } = await inspectFile(media, source);
    if (kind !== 'picture')
      throw new AppError('media_unsupported', 'Only pictures and texts can be embedded.');
    const { tileSize, useThumbnail } = model;
    const tiling = { tileSize, minTiles: 1, maxTiles: maxTiles ?? usualTiles, useThumbnail };
    const opened = await openPicture(media, { source, part: {}, ...tiling, asReference: false }, signal);
    if (!opened) return null;
    const id: PictureId = await putPicture(engine, opened.picture);
    try {
      const part = { type: 'pictures' as const, pictureIds: [id] };
      return await embedPart(engine, { part, client: question.owner }, signal);
    } finally {
      await engine.dropPicture({ pictureId: id }).catch(() => {});
    }
  }
}
