/** A file that kills, hangs or fills the media process costs that one attachment: the loaded model answers on. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import { type CrashNote, supervise } from '../../main/supervisor/supervise.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type AnswerEnd, generateAnswer, loadModel } from '../../native-models/process/engine-client.ts';
import { engineContract } from '../../native-models/process/engine-contract.ts';
import { openPicture, openThumbnail } from '../../native-models/process/media-client.ts';
import { mediaContract } from '../../native-models/process/media-contract.ts';
import { slowPdf } from '../support/hostile-pdfs.ts';
import { makeGif, makeJpegOfManyScans, makePng, makeTiff } from '../support/hostile-pictures.ts';
import { mediaEntry, smallTiles } from '../support/media-under-test.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

const engineEntry = fileURLToPath(new URL('../../native-models/process/engine-entry.ts', import.meta.url));
const healthy = makePng(90, 60, 91 * 60);

describe('while the model answers', () => {
  let folder: string;
  let undisturbed: AnswerEnd;
  const crashes: CrashNote[] = [];
  const engineChild = supervise({ spawn: spawnNodeChild, file: engineEntry, name: 'engine' });
  const mediaChild = supervise({
    spawn: spawnNodeChild,
    file: mediaEntry,
    name: 'media',
    crashLimit: 100,
    silence: { tickMs: 50, shortestSilenceMs: 1500 },
    // Starting from TypeScript takes longer than a hang may: only the thumbnail below is expected to be quick.
    estimateMs: ({ name }) => (name === 'openThumbnail' ? 0 : 2_000),
    onCrash: (note) => crashes.push(note),
  });
  const engine = connectClient(engineContract, engineChild, 'test');
  const media = connectClient(mediaContract, mediaChild, 'test');

  const answer = async (onFirstText = () => {}): Promise<AnswerEnd> => {
    const parts = [{ type: 'text' as const, text: 'Count the birds.' }];
    const generation = { maxNewTokens: 160, temperature: 0 };
    let end: AnswerEnd | null = null;
    for await (const event of generateAnswer(engine, { messages: [{ role: 'user', parts }], generation })) {
      if (event.type === 'text') onFirstText();
      if (event.type === 'end') end = event;
    }
    return end!;
  };
  const open = (bytes: Uint8Array) => openPicture(media, { source: { bytes }, ...smallTiles });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'fine',
      (error) => error.code as string,
    );
  const untilMediaAnswers = async () => {
    while ((await codeOf(open(healthy))) !== 'fine') await sleep(20);
  };

  /** Runs the mischief from the answer's first word on, and expects the answer to be as if nothing were. */
  const answerDuring = async (mischief: () => Promise<void>): Promise<void> => {
    const enginePid = engineChild.pid;
    const begun = Promise.withResolvers<void>();
    const answering = answer(begun.resolve);
    await begun.promise;
    await mischief();
    const { text, tokenIds, stopReason } = await answering;
    const expected = {
      text: undisturbed.text,
      tokenIds: undisturbed.tokenIds,
      stopReason: undisturbed.stopReason,
    };
    assert.deepEqual({ text, tokenIds, stopReason }, expected);
    assert.equal(engineChild.pid, enginePid, 'the same process, never started again');
    await untilMediaAnswers();
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-loss-'));
    const model = join(folder, 'model');
    await convertCheckpoint({ checkpoint: tinyCheckpoint, out: model, precision: 'fp32' });
    await loadModel(engine, { folder: model, devices: ['cpu'] });
    undisturbed = await answer();
    assert.ok(undisturbed.tokenIds.length > 20);
    await untilMediaAnswers();
  });
  after(async () => {
    await Promise.all([engineChild.shutdown(), mediaChild.shutdown()]);
    await rm(folder, { recursive: true });
  });

  it('the media process may be killed in the middle of a file', async () => {
    await answerDuring(async () => {
      crashes.length = 0;
      const lost = codeOf(open(slowPdf()));
      await sleep(150);
      process.kill(mediaChild.pid!, 'SIGKILL');
      assert.equal(await lost, 'child_gone');
      assert.deepEqual(
        crashes.map(({ reason, signal }) => ({ reason, signal })),
        [{ reason: 'died', signal: 'SIGKILL' }],
      );
    });
  });

  it('the media process may hang: it is ended and started again', {
    skip: process.platform === 'win32',
  }, async () => {
    await answerDuring(async () => {
      crashes.length = 0;
      process.kill(mediaChild.pid!, 'SIGSTOP');
      const source = { path: '/hangs/before/it/is/opened.png' };
      assert.equal(await codeOf(openThumbnail(media, { source, part: {}, maxSide: 64 })), 'child_gone');
      assert.deepEqual(
        crashes.map(({ reason }) => reason),
        ['hung'],
      );
    });
  });

  it('bombs are refused one by one, and the file beside them is opened', async () => {
    await answerDuring(async () => {
      crashes.length = 0;
      const bombs = [
        makePng(30_000, 30_000),
        makeGif(1, 1, 100_000),
        makeTiff({ width: 1, height: 1, channels: 1, pages: 10_000 }),
        makeJpegOfManyScans(8_000, 14),
      ];
      const answers = await Promise.all([...bombs, healthy].map((bytes) => codeOf(open(bytes))));
      assert.deepEqual(answers, [...bombs.map(() => 'media_too_large'), 'fine']);
      assert.deepEqual(crashes, []);
    });
  });

  it('a page without end keeps nobody waiting', async () => {
    await answerDuring(async () => {
      crashes.length = 0;
      const abort = new AbortController();
      const endless = openPicture(media, { source: { bytes: slowPdf() }, ...smallTiles }, abort.signal);
      await sleep(100);
      const startedMs = performance.now();
      assert.equal(await codeOf(open(healthy)), 'fine');
      assert.ok(performance.now() - startedMs < 5_000, 'not behind the other, which takes 20 s');
      abort.abort();
      process.kill(mediaChild.pid!, 'SIGKILL'); // its own limit, 20 s, is tried in test/unit/hostile-pdf.test.ts
      assert.equal(await codeOf(endless), 'child_gone');
    });
  });
});
