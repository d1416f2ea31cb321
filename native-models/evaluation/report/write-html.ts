/** The report as one file that needs no script, no network and no neighbour. */
import { createHash } from 'node:crypto';
import type { Interval } from '../confidence.ts';
import { describeComparison, percent } from './describe-report.ts';
import type { EvaluationReport, SideReport } from './evaluation-report.ts';
import { type Html, html } from './html.ts';
import { failureList, type ReportPicture } from './html-failures.ts';
import { reportStyle } from './report-style.ts';

/** @param pictures of failures, by the question's place */
export function writeHtml(
  report: EvaluationReport,
  pictures: ReadonlyMap<number, readonly ReportPicture[]>,
): string {
  const { dataset, sides, comparison } = report;
  const title = `${dataset.benchmark ?? dataset.name}: ${sides.map((side) => side.title).join(' and ')}`;
  const verdict = comparison ? describeComparison(report) : null;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${{ html: `<style>${reportStyle}</style>` }}
</head>
<body>
<h1>${title}</h1>
<p class="soft">${dataset.name}, ${dataset.questions} questions${report.complete ? '' : '; this run is not finished'}. SHA-256 of the data set: ${dataset.sha256}</p>
${scoreTable(sides)}
${verdict && html`<p class="verdict">${verdict}</p>`}
${figureTable(sides)}
${groupTable(sides)}
<p class="soft">${report.method}</p>
${failureList(report, pictures)}
</body>
</html>
`.html;
}

/** Nothing is loaded and nothing runs; the style is known by its hash. */
const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(reportStyle).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function scoreTable(sides: readonly SideReport[]): Html {
  const rows = sides.map(
    (side) => html`<tr>
<th scope="row">${side.title}</th>
<td class="number">${percent(side.score.mean)}</td><td class="number">${range(side.score)}</td>
<td class="number">${side.asked}</td><td class="number">${side.failed}</td><td class="number">${side.cut}</td>
<td class="number">${(side.elapsedMs / 1000 / Math.max(side.asked, 1)).toFixed(2)} s</td><td>${side.device}</td>
</tr>`,
  );
  return html`<h2>Scores</h2>
<table>
<tr><th scope="col">Model</th><th scope="col" class="number">Score</th><th scope="col" class="number">95 % interval</th>
<th scope="col" class="number">Asked</th><th scope="col" class="number">Could not be asked</th>
<th scope="col" class="number">Cut at the limit</th><th scope="col" class="number">Time each</th><th scope="col">Device</th></tr>
${rows}
</table>`;
}

function figureTable(sides: readonly SideReport[]): Html | null {
  const [first] = sides;
  if (!first || first.figures.length === 0) return null;
  const value = (side: SideReport, name: string) => {
    const figure = side.figures.find((one) => one.name === name);
    if (!figure) return '';
    return figure.unit === 'percent' ? percent(figure.value) : figure.value.toFixed(1);
  };
  const rows = first.figures.map(
    ({ name }) =>
      html`<tr><th scope="row">${name}</th>${sides.map((side) => html`<td class="number">${value(side, name)}</td>`)}</tr>`,
  );
  return html`<h2>The benchmark’s own figures</h2><table>${headOf(sides)}${rows}</table>`;
}

function groupTable(sides: readonly SideReport[]): Html | null {
  const names = [...new Set(sides.flatMap(({ groups }) => groups.map(({ group }) => group)))];
  if (names.length === 0) return null;
  const cell = (side: SideReport, name: string) => {
    const group = side.groups.find((one) => one.group === name);
    return html`<td class="number">${group ? `${percent(group.score)} of ${group.asked}` : ''}</td>`;
  };
  const rows = names.map(
    (name) => html`<tr><th scope="row">${name || '—'}</th>${sides.map((side) => cell(side, name))}</tr>`,
  );
  return html`<h2>By group</h2><table>${headOf(sides)}${rows}</table>`;
}

function headOf(sides: readonly SideReport[]): Html {
  return html`<tr><td></td>${sides.map(({ title }) => html`<th scope="col" class="number">${title}</th>`)}</tr>`;
}

function range({ low, high }: Interval): string {
  return `${percent(low)} – ${percent(high)}`;
}
