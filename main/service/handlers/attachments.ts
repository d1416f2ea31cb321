/** Files a person brings: kept, looked into, found again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inspectFile, openFrames } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import type { attachmentContract, NamedAttachment } from '../../../preload/contract/attachment-endpoints.ts';
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import { addAttachment, mayBeTriedAgain } from '../attachments/add-attachment.ts';
import { type Passwords, sourceOf, withNamedFaults } from '../attachments/attachment-source.ts';
import type { FileTexts } from '../attachments/file-texts.ts';
import type { Stores } from '../stores.ts';
import type { Uploads } from '../uploads.ts';

const sampleList = z.array(
  z.object({ file: z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/), question: z.string() }),
);

/** As many pages as a PDF lists. */
const mostPages = 500;

export function attachmentHandlers(service: {
  stores: Stores;
  uploads: Uploads;
  media: MediaClient;
  texts: FileTexts;
  passwords: Passwords;
  samplesFolder: string;
}): Handlers<typeof attachmentContract> {
  const { stores, uploads, media, texts, passwords, samplesFolder } = service;
  const readSamples = async () =>
    sampleList.parse(JSON.parse(await readFile(join(samplesFolder, 'samples.json'), 'utf8')));

  return {
    async addAttachment({ uploadId, password, conversationId }, signal): Promise<NamedAttachment> {
      const { name, ...upload } = uploads.find(uploadId);
      const source = 'path' in upload ? { path: upload.path } : { bytes: upload.bytes, name };
      const store = conversationId === null ? stores.kept() : stores.ofConversation(conversationId);
      try {
        const attachment = await addAttachment(
          { source, name, password },
          { store, media, passwords, signal },
        );
        await uploads.release(uploadId);
        return { attachment, name };
      } catch (error) {
        if (!mayBeTriedAgain(error)) await uploads.release(uploadId);
        throw error;
      }
    },
    async getAttachment({ id }) {
      return stores.ofAttachment(id).getAttachment(id);
    },
    async listAttachments({ cursor, limit }) {
      return stores.kept().listUsedAttachments({ cursor, limit });
    },
    async listPages({ id, password }) {
      const store = stores.ofAttachment(id);
      const given = password ?? passwords.get(id);
      const found = await withNamedFaults({ id, name: 'the file' }, async () =>
        inspectFile(media, await sourceOf(store, id), given),
      );
      if (password !== undefined) passwords.set(id, password);
      return { pages: pagesOf(found) };
    },
    async readPageText({ id, page }, signal) {
      const store = stores.ofAttachment(id);
      const isPaged = store.getAttachment(id).pageCount !== null;
      const wanted = { attachmentId: id, name: 'the file', page: isPaged ? page : null };
      const text = await texts.read(store, wanted, signal);
      if (!text) throw signal.reason;
      return text;
    },
    async sampleFrames({ id, count, startMs, endMs, how }, signal) {
      const store = stores.ofAttachment(id);
      if (endMs <= startMs) throw new AppError('invalid_request', 'The part of the film has no length.');
      const sampling = how === 'scenes' ? ('scenes' as const) : ('uniform' as const);
      const choice = { count, boundMs: [startMs, endMs] as const, sampling };
      const timesMs: number[] = [];
      await withNamedFaults({ id, name: 'the film' }, async () => {
        const request = { source: await sourceOf(store, id), choice, ...smallestTiling };
        for await (const frame of openFrames(media, request, signal)) timesMs.push(frame.timeMs);
      });
      signal.throwIfAborted();
      return { timesMs };
    },
    async listSamples() {
      const samples = await readSamples();
      return { samples: samples.map(({ file, question }) => ({ id: file, fileName: file, question })) };
    },
    async addSample({ id }, signal) {
      const sample = (await readSamples()).find(({ file }) => file === id);
      if (!sample) throw new AppError('not_found', 'This sample is not part of the app.');
      const file = { source: { path: join(samplesFolder, sample.file) }, name: sample.file };
      const attachment = await addAttachment(file, { store: stores.kept(), media, passwords, signal });
      return { attachment, name: sample.file };
    },
  };
}

/** Only the frames' times are wanted. */
const smallestTiling = { tileSize: 16, minTiles: 1, maxTiles: 1, useThumbnail: false };

/** A scan's pages have pixels, of which the first page's stand for all: only their shape matters. */
function pagesOf(found: Awaited<ReturnType<typeof inspectFile>>) {
  if (found.kind === 'pdf')
    return found.pages.map(
      (page) => page && { widthPoints: page.widthPoints, heightPoints: page.heightPoints },
    );
  if (found.kind !== 'picture' || found.isAnimated || found.pageCount === 1) return [];
  const { width, height, pageCount } = found;
  return Array.from({ length: Math.min(pageCount, mostPages) }, () => ({
    widthPoints: width,
    heightPoints: height,
  }));
}
