/** How a browser test waits for what it asserts: a page comes to its state in its own time, and a busy machine takes longer. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

const pauseMs = 50;

/**
 * Repeats a check until it holds, and gives what it returned.
 * @throws what the check threw last, after `limitMs`
 */
export async function eventually<T>(check: () => T | Promise<T>, limitMs = 90_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}

/**
 * Reads until the value has stayed the same for `stillMs`, as the place of a picture does once it is laid out.
 * @throws after `limitMs`
 */
export async function settled<T>(
  read: () => Promise<T>,
  { stillMs = 300, limitMs = 90_000 } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + limitMs;
  let value = await read();
  let since = Date.now();
  while (value === null || value === undefined || Date.now() - since < stillMs) {
    if (Date.now() > deadline) throw new Error(`Not settled in time: ${JSON.stringify(value)}`);
    await sleep(pauseMs);
    const next = await read();
    if (JSON.stringify(next) !== JSON.stringify(value)) since = Date.now();
    value = next;
  }
  return value;
}

/** Until the page has drawn what it knows by now and nothing moves or fades any more; spinners turn on. */
export async function untilStill(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const isMoving = (animation) =>
      animation.playState === 'running' && animation.effect?.getComputedTiming().endTime !== Infinity;
    do {
      for (let frames = 0; frames < 3; frames += 1) await frame();
    } while (document.getAnimations().some(isMoving));
  })()`);
}
