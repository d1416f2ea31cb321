/** The engine process's own work: pictures and conversations in pieces, one question at a time, bounded memory. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import { supervise } from '../../main/supervisor/supervise.ts';
import {
  type AnswerEnd,
  type AnswerEvent,
  type AnswerRequest,
  generateAnswer,
  loadModel,
  type PictureTiles,
  putPicture,
} from '../../native-models/process/engine-client.ts';
import { engineContract, type PictureId } from '../../native-models/process/engine-contract.ts';
import { openPicture } from '../../native-models/process/media-client.ts';
import { mediaContract } from '../../native-models/process/media-contract.ts';
import { createPictureShelf } from '../../native-models/process/picture-shelf.ts';
import { createTurnQueue } from '../../native-models/process/turn-queue.ts';

const childFile = (name: string) => fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url));

function question(text: string, pictureIds: PictureId[] = []): AnswerRequest {
  const pictures = pictureIds.length > 0 ? [{ type: 'pictures' as const, pictureIds }] : [];
  return { messages: [{ role: 'user', parts: [...pictures, { type: 'text', text }] }] };
}

function picture(seed: number, tileCount = 3): PictureTiles {
  const pixels = new Uint8Array(tileCount * 56 * 56 * 3).map((_, index) => (index * seed) % 251);
  const columns = tileCount === 1 ? 1 : tileCount - 1;
  return {
    width: 90,
    height: 40,
    columns,
    rows: 1,
    thumbnail: tileCount > 1,
    tileSize: 56,
    tileCount,
    pixels,
  };
}

const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

describe('the engine process', () => {
  let folder: string;
  const child = supervise({
    spawn: spawnNodeChild,
    file: childFile('scripted-engine-child'),
    name: 'engine',
  });
  const engine = connectClient(engineContract, child, 'test');

  const answer = async (request: AnswerRequest): Promise<AnswerEnd> => {
    const events = await Array.fromAsync(generateAnswer(engine, request));
    return events.at(-1) as AnswerEnd;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'engine-process-'));
    await writeFile(join(folder, 'manifest.json'), '{}');
  });
  after(async () => {
    await child.shutdown();
    await rm(folder, { recursive: true });
  });

  it('refuses a question before a model is loaded', async () => {
    await assert.rejects(answer(question('say hello')), {
      code: 'invalid_request',
      message: /No model is loaded/,
    });
  });

  it('loads a model and says what it is', async () => {
    const loaded = await loadModel(engine, { folder, devices: 'auto' });
    assert.equal(loaded?.description.tileSize, 56);
    assert.ok(loaded.loadMs >= 0);
  });

  it('passes pictures on pixel for pixel, several and combined', async () => {
    const pictures = [picture(3), picture(7, 1), picture(11, 13)];
    const ids = await Promise.all(pictures.map((each) => putPicture(engine, each)));
    const { text } = await answer(question('describe', ids));
    const described = pictures.map(({ pixels, ...header }) => ({ ...header, pixels: sha256(pixels) }));
    assert.deepEqual(JSON.parse(text).messages, [['user', described, 'describe']]);
    for (const pictureId of ids) await engine.dropPicture({ pictureId });
    await assert.rejects(answer(question('describe', ids)), { code: 'not_found' });
  });

  it('refuses a picture whose pieces do not make the promised tiles', async () => {
    const { pixels, ...header } = picture(3);
    const pictureId = 'torn' as PictureId;
    const put = (offset: number, length: number, last: boolean, changed: object = {}) =>
      engine.putPicture({
        pictureId,
        header: { ...header, ...changed },
        offset,
        bytes: pixels.subarray(0, length),
        last,
      });
    await assert.rejects(put(0, 100, true), { code: 'invalid_request' }); // too short
    await assert.rejects(put(100, 100, false), { code: 'not_found' }); // no beginning
    await put(0, 100, false);
    await assert.rejects(answer(question('describe', [pictureId])), { code: 'not_found' }); // not whole
    await assert.rejects(put(200, 100, false), { code: 'invalid_request' }); // a hole
    await assert.rejects(put(0, 100, false, { tileCount: 4 }), { code: 'invalid_request' }); // no such grid
    await assert.rejects(put(0, 100, false, { tileSize: 4097 }), { code: 'invalid_request' });
    await put(0, 100, false);
    const tooLarge = { offset: 100, bytes: new Uint8Array(48 * 1024 + 1), last: false };
    await assert.rejects(engine.putPicture({ pictureId, header, ...tooLarge }), { code: 'invalid_request' });
  });

  it('takes a conversation far longer than a frame', async () => {
    const document = 'Ein langer Text, 书生·万象. '.repeat(8000); // 200,000 characters
    const turns = Array.from({ length: 300 }, (_, turn) => ({
      role: turn % 2 === 0 ? ('user' as const) : ('assistant' as const),
      parts: [{ type: 'text' as const, text: `turn ${turn} ${'x'.repeat(150)}` }],
    }));
    const pictureId = await putPicture(engine, picture(5));
    const long = { role: 'user' as const, parts: [{ type: 'text' as const, text: document }] };
    const { messages } = question('describe', [pictureId]);
    const { text } = await answer({ messages: [...turns, long, ...messages], visualPositionStep: 0.25 });
    const told = JSON.parse(text) as { messages: unknown[][]; visualPositionStep: number };
    assert.equal(told.visualPositionStep, 0.25);
    assert.deepEqual(
      told.messages.slice(0, 300),
      turns.map(({ role, parts }) => [role, parts[0]?.text]),
    );
    assert.deepEqual(told.messages[300], ['user', sha256(document)]);
    assert.equal(told.messages[301]?.at(-1), 'describe');
  });

  it('gives back an answer and a prompt far longer than a frame', async () => {
    const events: AnswerEvent[] = await Array.fromAsync(generateAnswer(engine, question('long 20000')));
    const end = events.at(-1) as AnswerEnd;
    assert.equal(end.text, 'word '.repeat(20_000));
    assert.deepEqual(
      end.tokenIds,
      Array.from({ length: 20_000 }, (_, id) => id),
    );
    const promptIds = events.flatMap((event) => (event.type === 'prompt' ? event.tokenIds : []));
    assert.deepEqual(
      promptIds,
      Array.from({ length: 10_000 }, (_, id) => id),
    );
  });

  it('answers several questions at once, and loads a model only between them', async () => {
    const finished: string[] = [];
    const ask = async (name: string, text: string) => {
      const events = await Array.fromAsync(generateAnswer(engine, question(text)));
      finished.push(name);
      return events;
    };
    const first = ask('first', 'count 30 10');
    await ask('second', 'say two');
    assert.deepEqual(finished, ['second'], 'the short one does not wait for the long one');
    const load = Array.fromAsync(engine.loadModel({ folder, devices: 'auto' }));
    await sleep(20);
    const late = ask('late', 'say late');
    assert.deepEqual((await load)[0], { type: 'waiting', ahead: 1 });
    assert.deepEqual(finished, ['second', 'first'], 'the answer in writing is finished first');
    assert.deepEqual((await late)[0], { type: 'waiting', ahead: 2 }, 'nobody overtakes the load');
    await first;
  });

  it('keeps what was said when it is stopped, and takes the next question at once', async () => {
    const abort = new AbortController();
    let end: AnswerEnd | undefined;
    for await (const event of generateAnswer(engine, question('count 1000 5'), abort.signal)) {
      if (event.type === 'text' && event.text === '5 ') abort.abort();
      if (event.type === 'end') end = event;
    }
    assert.equal(end?.stopReason, 'aborted');
    assert.match(end.text, /^1 2 3 4 5 /);
    const startedAt = performance.now();
    assert.equal((await answer(question('say next'))).text, 'next ');
    assert.ok(performance.now() - startedAt < 500);
  });

  it('lets a question that is stopped while it waits for a load leave the queue', async () => {
    const running = answer(question('count 30 10'));
    await sleep(20);
    const load = loadModel(engine, { folder, devices: 'auto' });
    await sleep(20);
    const abort = new AbortController();
    const waiting = Array.fromAsync(generateAnswer(engine, question('say never'), abort.signal));
    await sleep(50);
    abort.abort();
    const end = (await waiting).at(-1) as AnswerEnd;
    assert.deepEqual([end.stopReason, end.text], ['aborted', '']);
    assert.equal((await running).stopReason, 'eos');
    assert.ok(await load);
  });

  it('tells its memory', async () => {
    const { peakRssBytes, rssBytes } = await engine.describeProcess({});
    assert.ok(
      rssBytes > 20e6 && peakRssBytes >= rssBytes * 0.9 && peakRssBytes < 2e9,
      `${peakRssBytes} ${rssBytes}`,
    );
    assert.ok((await answer(question('say x'))).peakRssBytes >= peakRssBytes * 0.99);
  });

  it('hands 8 MB of tiles from media over us to the engine quickly', async (t) => {
    const mediaChild = supervise({
      spawn: spawnNodeChild,
      file: childFile('blank-media-child'),
      name: 'media',
    });
    const media = connectClient(mediaContract, mediaChild, 'test');
    const request = {
      source: { path: 'x' },
      tileSize: 448,
      minTiles: 1,
      maxTiles: 12,
      useThumbnail: true,
      asReference: false,
    };
    try {
      const elapsedMs: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const startedAt = performance.now();
        const opened = await openPicture(media, request);
        assert.equal(opened?.picture.pixels.byteLength, 13 * 448 * 448 * 3);
        const pictureId = await putPicture(engine, opened.picture);
        elapsedMs.push(performance.now() - startedAt);
        await engine.dropPicture({ pictureId });
      }
      const best = Math.min(...elapsedMs);
      t.diagnostic(`${elapsedMs.map(Math.round).join(', ')} ms`);
      assert.ok(best < 2000);
    } finally {
      await mediaChild.shutdown();
    }
  });
});

describe('the picture shelf', () => {
  it('holds no more pictures and no more bytes than its limits', () => {
    const { pixels, ...header } = picture(1, 1);
    const put = (shelf: ReturnType<typeof createPictureShelf>, id: string) =>
      shelf.put(id, header, { offset: 0, bytes: pixels, last: true });
    const few = createPictureShelf({ entries: 2, bytes: 1e9 });
    put(few, 'a');
    put(few, 'b');
    put(few, 'a'); // again, in its own place
    assert.throws(() => put(few, 'c'), { code: 'media_too_large', message: /At most 2 pictures/ });
    few.drop('a');
    put(few, 'c');
    const small = createPictureShelf({ entries: 9, bytes: 2.5 * pixels.byteLength });
    put(small, 'a');
    put(small, 'b');
    assert.throws(() => put(small, 'c'), { code: 'media_too_large' });
    assert.equal(small.get('b').pixels.byteLength, pixels.byteLength);
  });
});

describe('the turn queue', () => {
  it('says again and again that a request is waiting, so that nobody takes it for hung', async () => {
    const queue = createTurnQueue(20);
    const signal = new AbortController().signal;
    const release = (await queue.waitForTurn(signal).next()).value as () => void;
    const waiting = queue.waitForTurn(signal);
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual((await waiting.next()).value, { type: 'waiting', ahead: 1 });
    }
    release();
    assert.equal(typeof (await waiting.next()).value, 'function');
  });

  it('lets those who share go together, and whoever wants to be alone after them and before later ones', async () => {
    const queue = createTurnQueue();
    const signal = new AbortController().signal;
    const share = async () => (await queue.waitForTurn(signal, { shared: true }).next()).value as () => void;
    const releases = [await share(), await share()];
    const alone = queue.waitForTurn(signal);
    assert.deepEqual((await alone.next()).value, { type: 'waiting', ahead: 2 });
    const later = queue.waitForTurn(signal, { shared: true });
    assert.deepEqual((await later.next()).value, { type: 'waiting', ahead: 3 });
    for (const release of releases) release();
    const releaseAlone = (await alone.next()).value as () => void;
    assert.equal(typeof releaseAlone, 'function');
    assert.deepEqual((await later.next()).value, { type: 'waiting', ahead: 1 });
    releaseAlone();
    assert.equal(typeof (await later.next()).value, 'function');
  });

  it('gives the turn on when a waiting caller walks away', async () => {
    const queue = createTurnQueue();
    const signal = new AbortController().signal;
    const release = (await queue.waitForTurn(signal).next()).value as () => void;
    const leaving = queue.waitForTurn(signal);
    await leaving.next();
    await leaving.return(null);
    const next = queue.waitForTurn(signal);
    assert.deepEqual((await next.next()).value, { type: 'waiting', ahead: 1 });
    release();
    assert.equal(typeof (await next.next()).value, 'function');
  });
});
