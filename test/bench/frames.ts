/**
 * Does the page stay smooth while the model reads? The 95th percentile of the time between two frames, idle and from
 * sending to the first word of a long question. A converted model may be named; default: the embedded one.
 */
import { cp } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { chatPage } from '../e2e/support/chat-page.ts';
import { noBrowser, startApp } from '../e2e/support/running-app.ts';
import { withCleanup } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** At most so long between two frames of twenty: a 60 Hz page misses one frame idle, and no more than two while it reads. */
const limitsMs = { idle: 20, reading: 50 };
const idleMs = 5_000;

/** Collects the time between frames in the page until `__frames.end()`. */
const startFrames = `(() => {
  const gaps = [];
  let before = performance.now();
  let running = true;
  const next = (now) => { gaps.push(now - before); before = now; if (running) requestAnimationFrame(next); };
  requestAnimationFrame(next);
  globalThis.__frames = { end: () => { running = false; return gaps.slice(1); } };
})()`;
const endFrames = 'globalThis.__frames.end()';

function percentile95(gaps: readonly number[]): number {
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length * 0.95)] ?? Number.POSITIVE_INFINITY;
}

if (noBrowser) throw new Error(noBrowser);
await withCleanup(async (t) => {
  const [modelFolder] = process.argv.slice(2);
  const profile = await temporaryFolder(t);
  if (modelFolder) {
    await cp(resolve(modelFolder), join(profile, 'models', basename(resolve(modelFolder))), {
      recursive: true,
    });
  }
  const app = await startApp(t, { profile });
  const { models } = await app.call('listModels', {});
  const model = models.find(({ isDemo }) => isDemo !== Boolean(modelFolder));
  if (!model) throw new Error('The library does not show this model.');
  await app.call('loadModel', { id: model.id, devices: 'auto' });
  const chat = chatPage(app.page);
  await chat.composer.waitFor();

  await app.page.evaluate(startFrames);
  await app.page.waitForTimeout(idleMs);
  const idle = percentile95((await app.page.evaluate(endFrames)) as number[]);

  await chat.question.fill('What does it say? '.repeat(500));
  await app.page.evaluate(startFrames);
  await chat.send.click();
  await chat.answers
    .last()
    .locator('[dir=auto]')
    .first()
    .getByText(/\S/)
    .first()
    .waitFor({ timeout: 300_000 });
  const reading = percentile95((await app.page.evaluate(endFrames)) as number[]);
  await chat.stop.click({ timeout: 1_000 }).catch(() => {}); // the answer may have ended by itself

  const line = (name: string, value: number, limit: number) =>
    `${name}: ${value.toFixed(1)} ms between frames at the 95th percentile (must ${limit}): ${value <= limit ? 'met' : 'MISSED'}\n`;
  process.stdout.write(
    line('idle', idle, limitsMs.idle) + line('while the model reads', reading, limitsMs.reading),
  );
});
