/** Runs axe over a page and tells every violation of WCAG 2.2 A and AA and of good practice. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/**
 * One line a violation, with the first place of each; empty when clean.
 * @param options.without rules that don't apply, each for a reason that the caller gives
 * @param options.within a selector; default: the whole page
 */
export async function accessibilityFaults(
  page: Page,
  { without = [], within = 'html' }: { without?: string[]; within?: string } = {},
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
