/** What a question costs before it is sent: tiles, tokens, share of the context, and time until the first word. */
import type { LoadedModel } from '../../../native-models/process/engine-client.ts';
import { inspectFile } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { Part } from '../../../preload/contract/attachments.ts';
import type { Generation } from '../../../preload/contract/conversations.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { generationContract, QuestionEstimate } from '../../../preload/contract/generation.ts';
import type { AttachmentId } from '../../../preload/contract/ids.ts';
import { type Passwords, sourceOf } from '../attachments/attachment-source.ts';
import { documentKindOf } from '../attachments/document-kind.ts';
import { createSizedCache } from '../attachments/sized-cache.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { Store } from '../store/open-store.ts';
import type { Stores } from '../stores.ts';
import type { CountQuestion } from './count-question.ts';
import { picturesOf } from './message-content.ts';
import { gridOf, type PictureGrid, type SourceSize, tilesOf } from './picture-grids.ts';
import { systemTextFor } from './ways-of-asking.ts';

export type EstimateQuestion = Handlers<typeof generationContract>['estimateQuestion'];
type PartEstimate = QuestionEstimate['parts'][number];

/** The control token and line end behind an answer. */
const tokensAfterAnswer = 2;
/** So many of a model's newest runs are looked at. */
const runsToLookAt = 20;
const mostMeasuredPages = 100_000;

export function questionEstimator(service: {
  stores: Stores;
  models: LoadedModels;
  media: MediaClient;
  passwords: Passwords;
  countQuestion: CountQuestion;
}): EstimateQuestion {
  const { stores, models, media, passwords, countQuestion } = service;
  const measured = createSizedCache<SourceSize>(mostMeasuredPages, ({ pages }) => pages.length + 1);

  /** The media process is asked for a document's pages once. */
  async function measure(store: Store, id: AttachmentId): Promise<SourceSize> {
    const { widthPx, heightPx, pageCount } = store.getAttachment(id);
    if (pageCount === null || documentKindOf(store, id) === 'scans') return { widthPx, heightPx, pages: [] };
    const known = measured.get(id);
    if (known) return known;
    const found = await inspectFile(media, await sourceOf(store, id), passwords.get(id));
    const size = { widthPx, heightPx, pages: found.kind === 'pdf' ? found.pages : [] };
    measured.put(id, size);
    return size;
  }

  async function estimatePart(
    store: Store,
    part: Part,
    model: LoadedModel['description'],
  ): Promise<PartEstimate> {
    if (part.type === 'text') return null;
    try {
      const source = await measure(store, part.attachmentId);
      const grids = picturesOf(part, (id) => documentKindOf(store, id)).map((wanted) =>
        gridOf(wanted, source, model),
      );
      if (grids.some((grid) => grid === null)) return null;
      const known = grids as PictureGrid[];
      const tiles = known.reduce((sum, grid) => sum + tilesOf(grid), 0);
      return { grids: known, tiles, visualTokens: tiles * model.visualTokensPerTile };
    } catch (error) {
      if (error instanceof AppError) return null; // told where the file is used
      throw error;
    }
  }

  return async ({ conversationId, parentId, parts, isLookedAt }, signal) => {
    // Who prepares a question will ask it, so the model is made ready meanwhile; one that failed waits for a person.
    const canLoad = models.state.state !== 'failed';
    const model = (models.loaded ?? (canLoad ? await models.ensure({ signal }) : null))?.description;
    if (!model) throw new AppError('not_found', 'No model is loaded.');
    const store = conversationId === null ? stores.kept() : stores.ofConversation(conversationId);
    const estimates: PartEstimate[] = [];
    for (const part of parts) estimates.push(await estimatePart(stores.ofPart(store, part), part, model));
    const visualTokens = estimates.reduce((sum, part) => sum + (part?.visualTokens ?? 0), 0);
    const path = parentId === null ? [] : store.listPathTo(parentId);
    const before = path.findLast(({ generation }) => generation !== null)?.generation ?? null;
    const systemText = conversationId
      ? systemTextFor({ conversation: store.getConversation(conversationId), task: null }, model.systemText)
      : (model.systemText ?? '');
    const newTokens = await countQuestion(
      { parts, estimates, path, systemText: before ? '' : systemText, model },
      signal,
    );
    const earlierTokens = before ? before.promptTokens + before.newTokens + tokensAfterAnswer : 0;
    return {
      parts: estimates,
      promptTokens: earlierTokens + newTokens,
      contextLength: model.contextLength,
      expectedFirstTokenMs: expectFirstToken(lastRunsOf(store, model), {
        visualTokens: isLookedAt ? 0 : visualTokens,
        newTokens,
      }),
    };
  };
}

/** Runs at the same precision on the same device; others say nothing of this one's speed. */
function lastRunsOf(store: Store, { name, precision, device }: LoadedModel['description']): Generation[] {
  const runs = store.listGenerations(name, runsToLookAt);
  return runs.filter(
    (run) =>
      run.device === device &&
      run.visionPrecision === precision.vision &&
      run.decoderPrecision === precision.decoder,
  );
}

/** Seen speeds of looking and of reading; earlier turns cost nothing, since the engine keeps them. Null without runs to go by. */
export function expectFirstToken(
  runs: readonly Generation[],
  asked: { visualTokens: number; newTokens: number },
): number | null {
  const read = runs.filter((run) => run.prefillMs > 0 && run.promptTokens > run.reusedPromptTokens);
  // A follow-up finds its pictures looked at already: its times say nothing of looking.
  const looked = read.filter(
    (run) => run.visualTokens > 0 && run.visionMs > 0 && run.reusedPromptTokens === 0,
  );
  if (read.length === 0 || (asked.visualTokens > 0 && looked.length === 0)) return null;
  const sum = (of: readonly Generation[], value: (run: Generation) => number) =>
    of.reduce((total, run) => total + value(run), 0);
  const readMsPerToken =
    sum(read, (run) => run.prefillMs) / sum(read, (run) => run.promptTokens - run.reusedPromptTokens);
  const lookMsPerToken =
    looked.length > 0 ? sum(looked, (run) => run.visionMs) / sum(looked, (run) => run.visualTokens) : 0;
  return asked.newTokens * readMsPerToken + asked.visualTokens * lookMsPerToken;
}
