/** Runs axe over a page and tells every violation of WCAG 2.2 A and AA and of good practice. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { eventually, untilStill } from './eventually.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

interface Where {
  /** Rules that don't apply, each for a reason that the caller gives. */
  without?: string[];
  /** A selector; default: the whole page. */
  within?: string;
}

/** Asserts that axe finds nothing once the page stands still: colours that fade in have little contrast meanwhile. */
export async function assertAccessible(
  page: Page,
  { screen = 'the page', limitMs = 15_000, ...where }: Where & { screen?: string; limitMs?: number } = {},
): Promise<void> {
  await page.mouse.move(0, 0); // tooltips stand outside of all landmarks
  await eventually(async () => {
    await untilStill(page);
    assert.deepEqual(await accessibilityFaults(page, where), [], screen);
  }, limitMs);
}

/** One line a violation, with the first place of each; empty when clean. Looks at once: for a page that is known to be at fault. */
export async function accessibilityFaults(
  page: Page,
  { without = [], within = 'html' }: Where = {},
): Promise<string[]> {
  await page.evaluate(axe);
  const violations = (await page.evaluate(
    `axe.run(${JSON.stringify(within)}, { resultTypes: ['violations'], rules: ${JSON.stringify(
      Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
    )} }).then(({ violations }) => violations)`,
  )) as Violation[];
  return violations.map(
    ({ id, impact, nodes }) =>
      `${id} (${impact}, ${nodes.length}): ${nodes[0]?.html.slice(0, 200)} — ${nodes[0]?.failureSummary.slice(0, 300)}`,
  );
}
