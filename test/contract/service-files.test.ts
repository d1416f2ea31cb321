/** Files through the service: kept, shown, looked at and read; over the real media process and a scripted engine. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { BytesRequest } from '../../main/service/host-contract.ts';
import type { Attachment, Part } from '../../preload/contract/attachments.ts';
import { attachmentIdSchema, type ConversationId } from '../../preload/contract/ids.ts';
import type { AppClient } from '../../preload/contract/index.ts';
import { uploadIdSchema } from '../../preload/contract/uploads.ts';
import { writeEncryptedPdf } from '../support/encrypt-pdf.ts';
import { makePdf, pageObjects, showText } from '../support/make-pdf.ts';
import { writeScriptedAssets } from '../support/service-assets.ts';
import { type ServiceUnderTest, scriptedEngine, startService } from '../support/service-under-test.ts';

const film = fileURLToPath(new URL('../support/films/h264.mp4', import.meta.url));
const dyingMedia = fileURLToPath(new URL('../support/dying-media-child.ts', import.meta.url));
const pages = [
  { content: showText('First page', 20, 50) },
  { content: showText('Second page', 20, 50), mediaBox: [0, 0, 100, 300] },
];

const attachmentId = attachmentIdSchema.parse('0'.repeat(64));

describe('files', () => {
  let folder: string;
  let profile: string;
  let service: ServiceUnderTest;
  let page: AppClient;

  const start = async () => {
    service = startService({
      profile,
      engineFile: scriptedEngine,
      mediaFile: dyingMedia,
      assets: join(folder, 'assets'),
    });
    page = service.page;
    await page.describeApp({});
  };
  const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const add = async (path: string, name: string, more: { conversationId?: ConversationId } = {}) =>
    (await page.addAttachment({ uploadId: await service.upload(path, name), ...more })).attachment;
  const noise = (width: number, height: number) =>
    sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  const picturePart = ({ id }: Attachment, name: string): Part => ({
    type: 'picture',
    attachmentId: id,
    name,
    detail: 'balanced',
  });
  /** What the engine was asked, as the scripted one describes it. */
  const describeQuestion = async (parts: Part[], conversationId?: ConversationId, aside = '') => {
    const id = conversationId ?? (await page.createConversation({})).id;
    let answer = '';
    const question = [...parts, { type: 'text', text: `describe ${aside}`.trim() } as const];
    for await (const event of page.generateMessage({
      type: 'question',
      conversationId: id,
      parentId: null,
      parts: question,
    })) {
      if (event.type === 'text') answer += event.text;
      if (event.type === 'end') assert.equal(event.error, null);
    }
    const { messages } = JSON.parse(answer) as {
      messages: [string, ...(string | { tileCount: number }[])[]][];
    };
    return messages;
  };
  const bytesOf = async (request: BytesRequest) => {
    const pieces: Uint8Array[] = [];
    let header: { mediaType: string; sizeBytes: number; start: number; end: number } | null = null;
    for await (const event of service.host.openBytes(request)) {
      if (event.type === 'header') header = event;
      else pieces.push(event.bytes);
    }
    return { ...header!, bytes: Buffer.concat(pieces) };
  };
  const view = (id: Attachment['id'], more: Partial<Extract<BytesRequest, { route: 'view' }>>) =>
    bytesOf({ route: 'view', id, page: null, timeMs: null, box: null, maxSide: 1024, ...more });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'service-files-'));
    profile = join(folder, 'profile');
    await writeScriptedAssets(folder);
    await start();
  });
  after(async () => {
    await service.shutdown();
    await rm(folder, { recursive: true });
  });

  it('are kept by their bytes, with what is known of them and a small picture; temporary uploads go', async () => {
    const path = await write('photo.png', await noise(600, 300));
    const attachment = await add(path, 'photo.png');
    const { kind, mediaType, widthPx, heightPx, hasThumbnail } = attachment;
    assert.deepEqual(
      [kind, mediaType, widthPx, heightPx, hasThumbnail],
      ['picture', 'image/png', 600, 300, true],
    );
    const copy = await write('upload-1', await readFile(path));
    const uploadId = await service.upload(copy, 'same photo.png', true);
    const again = await page.addAttachment({ uploadId });
    assert.deepEqual([again.attachment.id, again.name], [attachment.id, 'same photo.png']);
    await assert.rejects(stat(copy), { code: 'ENOENT' });
    await assert.rejects(page.addAttachment({ uploadId }), { code: 'not_found' });
  });

  it('that are broken, unknown or gone are told with the name a person knows', async () => {
    const whole = await noise(64, 64);
    const broken = await service.upload(await write('upload-2', whole.subarray(0, 400)), 'torn.png');
    await assert.rejects(page.addAttachment({ uploadId: broken }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'media_broken');
      assert.doesNotMatch(error.message, /upload-2|\//);
      return true;
    });
    const gone = await service.upload(join(folder, 'nowhere'), 'gone.png');
    await assert.rejects(page.addAttachment({ uploadId: gone }), {
      code: 'file_unreadable',
      message: /gone\.png/,
    });
    const zip = await service.upload(await write('upload-3', 'PK\u0003\u0004nothing'), 'archive.zip');
    await assert.rejects(page.addAttachment({ uploadId: zip }), { code: /media_(?:broken|unsupported)/ });
  });

  it('that end the media process are called broken, pages hear of it, and the next file works', async () => {
    const stopWatching = new AbortController();
    const heard: string[] = [];
    const watching = (async () => {
      for await (const event of page.watchApp({}, stopWatching.signal))
        if (event.type === 'process-ended') heard.push(event.name);
    })();
    const deadly = await write('upload-4', Buffer.concat([await noise(8, 8), Buffer.from('deadly')]));
    const uploadId = await service.upload(deadly, 'deadly.png');
    await assert.rejects(page.addAttachment({ uploadId }), { code: 'media_broken', message: /deadly\.png/ });
    assert.equal((await add(await write('next.png', await noise(8, 8)), 'next.png')).kind, 'picture');
    stopWatching.abort();
    await watching;
    assert.deepEqual(heard, ['media']);
  });

  it('give their bytes, whole or a stretch, and pictures of pages, frames and boxes in their own shape', async () => {
    const bytes = Buffer.from(makePdf(pages));
    const document = await add(await write('report.pdf', bytes), 'report.pdf');
    const whole = await bytesOf({ route: 'attachment', id: document.id, range: null });
    assert.deepEqual([whole.mediaType, whole.sizeBytes], ['application/pdf', bytes.length]);
    assert.deepEqual(whole.bytes, bytes);
    const stretch = await bytesOf({ route: 'attachment', id: document.id, range: { start: 5, end: 14 } });
    assert.deepEqual([stretch.start, stretch.end, stretch.bytes], [5, 14, bytes.subarray(5, 15)]);
    const rest = await bytesOf({ route: 'attachment', id: document.id, range: { start: 20, end: null } });
    assert.deepEqual(rest.bytes, bytes.subarray(20));
    await assert.rejects(
      bytesOf({ route: 'attachment', id: document.id, range: { start: bytes.length, end: null } }),
      { code: 'invalid_request' },
    );
    const shapes = [
      [await view(document.id, { page: 1 }), 2],
      [await view(document.id, { page: 2 }), 1 / 3],
      [await view(document.id, { page: 1, box: { x: 0, y: 0, width: 0.5, height: 1 } }), 1],
      [await view(document.id, { maxSide: 200 }), 2],
    ] as const;
    for (const [{ bytes, mediaType }, shape] of shapes) {
      const { width, height, format } = await sharp(bytes).metadata();
      assert.deepEqual([mediaType, format], ['image/webp', 'webp']);
      assert.ok(Math.abs(width / height / shape - 1) < 0.02, `${width} × ${height}`);
    }
    const clip = await add(film, 'clip.mp4');
    assert.deepEqual([clip.kind, clip.mediaType, clip.hasThumbnail], ['film', 'video/mp4', true]);
    const frame = await sharp((await view(clip.id, { timeMs: 500 })).bytes).metadata();
    assert.equal(frame.width / frame.height, clip.widthPx! / clip.heightPx!);
  });

  it('reach the engine as the card places them, numbered, documents first, with the tiles estimated before', async () => {
    const wide = picturePart(
      await add(await write('wide.png', await noise(400, 100)), 'wide.png'),
      'wide.png',
    );
    const square = picturePart(
      await add(await write('square.png', await noise(90, 90)), 'square.png'),
      'square.png',
    );
    const note = await add(await write('note.txt', 'The key lies under the mat.'), 'note.txt');
    const document = await add(await write('two.pdf', makePdf(pages)), 'two.pdf');
    const parts: Part[] = [
      wide,
      { type: 'document', attachmentId: note.id, name: 'note.txt', detail: 'balanced', pages: [] },
      square,
      {
        type: 'document',
        attachmentId: document.id,
        name: 'two.pdf',
        detail: 'fast',
        pages: [
          { page: 1, as: 'text' },
          { page: 2, as: 'both' },
        ],
      },
      {
        type: 'region',
        attachmentId: (wide as { attachmentId: Attachment['id'] }).attachmentId,
        name: 'wide.png',
        detail: 'balanced',
        page: null,
        timeMs: null,
        box: { x: 0.5, y: 0, width: 0.25, height: 1 },
      },
    ];
    const [system, user] = await describeQuestion(parts);
    assert.deepEqual(system, ['system', 'You are a script.']);
    const texts = user!.filter((part) => typeof part === 'string');
    assert.deepEqual(texts, [
      'user',
      'note.txt:\nThe key lies under the mat.\n\ntwo.pdf, page 1:\nFirst page\n\ntwo.pdf, page 2:\nSecond page\n\nImage-1: ',
      '\nImage-2: ',
      '\nImage-3: ',
      '\nImage-4: ',
      '\ndescribe',
    ]);
    const tiles = user!.flatMap((part) =>
      typeof part === 'string' ? [] : part.map(({ tileCount }) => tileCount),
    );
    const { id: conversationId } = await page.createConversation({});
    const estimate = await page.estimateQuestion({ conversationId, parentId: null, parts });
    const estimated = estimate.parts.flatMap((part) =>
      (part?.grids ?? []).map(({ columns, rows, thumbnail }) => columns * rows + (thumbnail ? 1 : 0)),
    );
    assert.deepEqual(estimated, tiles);
    assert.deepEqual(tiles[0], 5, 'a picture of 4:1 takes four tiles and the whole');
    assert.equal(estimate.contextLength, 32_768);
  });

  it('of one picture come as the card’s single form; a film’s frames are numbered and one tile each', async () => {
    const one = picturePart(await add(await write('one.png', await noise(56, 56)), 'one.png'), 'one.png');
    const [, alone] = await describeQuestion([one]);
    assert.equal(alone?.at(-1), '\ndescribe');
    assert.equal(typeof alone?.[1], 'object');
    const clip = await add(film, 'clip.mp4');
    const { timesMs } = await page.sampleFrames({
      id: clip.id,
      count: 3,
      startMs: 0,
      endMs: clip.durationMs!,
    });
    assert.equal(timesMs.length, 3);
    const frames: Part = {
      type: 'film',
      attachmentId: clip.id,
      name: 'clip.mp4',
      detail: 'balanced',
      startMs: 0,
      endMs: clip.durationMs!,
      frameTimesMs: timesMs,
    };
    const [, user] = await describeQuestion([frames]);
    const texts = user!.filter((part) => typeof part === 'string');
    assert.deepEqual(texts, ['user', 'Frame1: ', '\nFrame2: ', '\nFrame3: ', '\ndescribe']);
    const tiles = user!.flatMap((part) =>
      typeof part === 'string' ? [] : part.map(({ tileCount }) => tileCount),
    );
    assert.deepEqual(tiles, [1, 1, 1]);
    const { id: conversationId } = await page.createConversation({});
    const estimate = await page.estimateQuestion({ conversationId, parentId: null, parts: [frames] });
    assert.equal(estimate.parts[0]?.tiles, 3);
  });

  it('with a password ask for it, keep the upload meanwhile, and forget it when the app ends', async () => {
    const bytes = writeEncryptedPdf(pageObjects(pages), { user: 'open', owner: 'own' });
    const uploadId = await service.upload(await write('locked', bytes), 'locked.pdf');
    await assert.rejects(page.addAttachment({ uploadId }), { code: 'password_needed' });
    await assert.rejects(page.addAttachment({ uploadId, password: 'wrong' }), { code: 'password_needed' });
    const { attachment } = await page.addAttachment({ uploadId, password: 'open' });
    const part: Part = {
      type: 'document',
      attachmentId: attachment.id,
      name: 'locked.pdf',
      detail: 'balanced',
      pages: [{ page: 1, as: 'both' }],
    };
    const { id: conversationId } = await page.createConversation({});
    const [, user] = await describeQuestion([part], conversationId);
    assert.match(String(user?.[1]), /^locked\.pdf, page 1:\nFirst page/);
    await service.shutdown();
    await start();
    const { id } = attachment;
    await assert.rejects(view(id, { page: 2 }), { code: 'password_needed' });
    assert.equal((await page.listPages({ id, password: 'open' })).pages.length, 2);
    assert.equal((await view(id, { page: 2 })).mediaType, 'image/webp');
  });

  it('under a name that promises something else are refused by that name, not taken as text', async () => {
    const html = Buffer.from('<html><body>404 Not Found</body></html>');
    for (const [name, bytes] of [
      ['cat.jpg', html],
      ['scan.pdf', html],
      ['clip.mp4', Buffer.from([1, 2, 3, 0, 255])],
    ] as const) {
      await assert.rejects(add(await write(`upload-${name.slice(0, 3)}`, bytes), name), {
        code: 'media_broken',
        message: new RegExp(`^“${name}” is no (picture|PDF|film) that can be read here`),
      });
    }
    const { kind } = await add(await write('upload-page', html), 'page.html');
    assert.equal(kind, 'document', 'the same bytes are text where the name says so');
  });

  it('that are sent in pieces stay in memory, and pieces that do not fit are refused', async () => {
    const bytes = await noise(300, 300);
    const uploadId = uploadIdSchema.parse('in-memory-0123456789');
    const { id: conversationId } = await page.createConversation({ temporary: true });
    const send = (offset: number, piece: Uint8Array, last: boolean) =>
      service.host.putUpload({
        uploadId,
        name: 'pasted.png',
        sizeBytes: bytes.byteLength,
        offset,
        bytes: Uint8Array.from(piece),
        last,
      });
    await assert.rejects(send(5, bytes.subarray(5, 10), false), { code: 'invalid_request' });
    for (let at = 0; at < bytes.length; at += 40_000) {
      if (at > 0)
        await assert.rejects(page.addAttachment({ uploadId, conversationId }), { code: 'not_found' });
      await send(at, bytes.subarray(at, at + 40_000), at + 40_000 >= bytes.length);
    }
    await assert.rejects(page.importConversations({ uploadId }), { code: 'invalid_request' });
    const { attachment, name } = await page.addAttachment({ uploadId, conversationId });
    assert.deepEqual([attachment.widthPx, attachment.mediaType, name], [300, 'image/png', 'pasted.png']);
    await assert.rejects(page.addAttachment({ uploadId, conversationId }), { code: 'not_found' });
  });

  it('of a temporary conversation, and its words, never touch the disk', async () => {
    const canary = 'zebrafinch-canary';
    const bytes = await noise(120, 80);
    const temporary = await page.createConversation({ temporary: true });
    const conversationId = temporary.id;
    const attachment = await add(await write('secret.png', bytes), 'secret.png', { conversationId });
    await page.saveDraft({ conversationId, parts: [{ type: 'text', text: canary }] });
    await describeQuestion([picturePart(attachment, 'secret.png')], conversationId, canary);
    const { messages } = await page.listMessages({ conversationId });
    assert.equal(messages.length, 2);
    assert.equal((await view(attachment.id, { maxSide: 64 })).mediaType, 'image/webp');
    assert.deepEqual((await page.listConversations({})).conversations[0]?.id, conversationId);
    assert.equal((await page.searchMessages({ text: canary })).hits.length, 0);
    assert.equal((await page.searchMessages({ text: canary, conversationId })).hits.length > 0, true);
    const found = async (needle: Buffer | string): Promise<string[]> => {
      const names = await readdir(profile, { recursive: true, withFileTypes: true });
      const files = names
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      const holds = await Promise.all(files.map(async (file) => (await readFile(file)).includes(needle)));
      return files.filter((_, index) => holds[index]);
    };
    assert.deepEqual(await found(canary), []);
    assert.deepEqual(await found(bytes.subarray(100, 200)), []);
    const kept = await page.createConversation({});
    await page.saveDraft({ conversationId: kept.id, parts: [{ type: 'text', text: canary }] });
    assert.notDeepEqual(await found(canary), [], 'what is kept is found (negative control)');
  });

  it('are listed for another use, newest first, with name and conversation', async () => {
    const { id: conversationId } = await page.createConversation({});
    const last = await add(await write('last.png', await noise(60, 60)), 'last.png');
    await describeQuestion([picturePart(last, 'my last.png')], conversationId);
    const first = await page.listAttachments({ limit: 2 });
    assert.partialDeepStrictEqual(first.attachments[0], {
      attachment: { id: last.id },
      name: 'my last.png',
      conversationId,
    });
    assert.ok(first.nextCursor);
    const second = await page.listAttachments({ limit: 2, cursor: first.nextCursor });
    assert.ok(second.attachments.length > 0);
    const ids = [...first.attachments, ...second.attachments].map(({ attachment }) => attachment.id);
    assert.equal(new Set(ids).size, ids.length);
    await assert.rejects(page.listAttachments({ cursor: 'nonsense' }), { code: 'invalid_request' });
  });

  it('leave with an exported conversation and come back with it', async () => {
    const { id } = await page.createConversation({});
    const picture = await add(await write('kept.png', await noise(80, 80)), 'kept.png');
    await describeQuestion([picturePart(picture, 'kept.png')], id);
    const before = await page.listMessages({ conversationId: id });
    const pieces: Uint8Array[] = [];
    let fileName = '';
    for await (const event of page.exportConversations({ ids: [id], format: 'zip' })) {
      if (event.type === 'header') fileName = event.fileName;
      else pieces.push(event.bytes);
    }
    assert.equal(fileName, 'describe.zip');
    await page.deleteConversation({ id });
    await assert.rejects(page.getAttachment({ id: picture.id }), { code: 'not_found' });
    const uploadId = await service.upload(await write('export.zip', Buffer.concat(pieces)), 'export.zip');
    const report = await page.importConversations({ uploadId });
    assert.deepEqual([report.source, report.importedIds, report.attachments], ['internvl-desktop', [id], 1]);
    const after = await page.listMessages({ conversationId: id });
    assert.deepEqual(after, before);
    assert.deepEqual(
      (await bytesOf({ route: 'attachment', id: picture.id, range: null })).bytes,
      await readFile(join(folder, 'kept.png')),
    );
  });

  it('are registered by the host alone: a page that asks for that is refused', async () => {
    const page = service.pageAskingAsHost();
    const path = '/etc/passwd';
    const upload = { uploadId: uploadIdSchema.parse(randomUUID()), path, name: 'x', isTemporary: false };
    await assert.rejects(page.registerUpload(upload), { code: 'not_found' });
    await assert.rejects(
      Array.fromAsync(page.openBytes({ route: 'attachment', id: attachmentId, range: null })),
      {
        code: 'not_found',
      },
    );
  });
});
