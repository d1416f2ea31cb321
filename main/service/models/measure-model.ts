/** A short turn of the loaded model about a page, timed: how long until its first word, and how fast it writes. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type AnswerEnd,
  generateAnswer,
  type LoadedModel,
  putPicture,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient } from '../../../native-models/process/engine-contract.ts';
import { openPicture } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { MeasuredSpeed } from '../../../preload/contract/models.ts';

/** As an A4 page is cut: a grid of six tiles, and the thumbnail. */
const pageTiles = 6;
/** Enough to time writing by, over in seconds on a slow machine. */
const measuredTokens = 32;

interface Processes {
  engine: EngineClient;
  media: MediaClient;
  samplesFolder: string;
}

/**
 * Looks at a page and writes 32 tokens about it; nothing is kept of either.
 * @param onProgress share of the work before the first word, from 0 to 1
 * @returns null after an abort
 * @throws AppError `invalid_request` for a model on a server, and what the engine says
 */
export async function measureModel(
  { engine, media, samplesFolder }: Processes,
  { description: model }: LoadedModel,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (share: number) => void },
): Promise<MeasuredSpeed | null> {
  if (model.remote)
    throw new AppError('invalid_request', 'A model on a server is as fast as its server and the way there.');
  const { tileSize, useThumbnail } = model;
  const source = { path: join(samplesFolder, 'receipt.png') };
  const tiling = { tileSize, minTiles: pageTiles, maxTiles: pageTiles, useThumbnail };
  const opened = await openPicture(media, { source, part: {}, ...tiling, asReference: false }, signal);
  if (!opened) return null;
  const pictureId = await putPicture(engine, opened.picture);
  try {
    const parts = [
      { type: 'pictures' as const, pictureIds: [pictureId] },
      { type: 'text' as const, text: '\nRead all the text.' },
    ];
    const request = {
      messages: [{ role: 'user' as const, parts }],
      // Held to a form, so that no model is done after a word; the form costs microseconds a token.
      generation: {
        maxNewTokens: measuredTokens,
        answerFormat: { type: 'regex' as const, pattern: '[ -~]{400}' },
      },
      client: `measure-${randomUUID()}`, // nobody's cache, so that the page is really looked at
    };
    return await timed(engine, request, { model, signal, onProgress });
  } finally {
    await engine.dropPicture({ pictureId }).catch(() => {});
  }
}

async function timed(
  engine: EngineClient,
  request: Parameters<typeof generateAnswer>[1],
  told: { model: LoadedModel['description']; signal: AbortSignal; onProgress: (share: number) => void },
): Promise<MeasuredSpeed | null> {
  let end: AnswerEnd | null = null;
  for await (const event of generateAnswer(engine, request, told.signal)) {
    if (event.type === 'vision') told.onProgress((0.5 * event.done) / Math.max(1, event.total));
    else if (event.type === 'prefill') told.onProgress(0.5 + (0.4 * event.done) / Math.max(1, event.total));
    else if (event.type === 'end') end = event;
  }
  if (!end || end.stopReason === 'aborted') return null;
  const { firstTokenMs, decodeTokensPerSecond } = end.timings;
  return {
    pageSeconds: Math.max(firstTokenMs, 1) / 1000,
    tokensPerSecond: Math.max(decodeTokensPerSecond, 0.001),
    device: told.model.device,
  };
}
