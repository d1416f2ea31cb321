/** The failures of the report: the picture, where to point on it, what was right and what was said. */
import type { EvaluationReport, Failure, SideAnswer } from './evaluation-report.ts';
import { type Html, html } from './html.ts';

/** A small picture of a failure, drawn by the media process. */
export interface ReportPicture {
  mimeType: 'image/webp' | 'image/png' | 'image/jpeg';
  bytes: Uint8Array;
}

export function failureList(
  { failures, failureCount, sides }: EvaluationReport,
  pictures: ReadonlyMap<number, readonly ReportPicture[]>,
): Html {
  if (failureCount === 0) return html`<h2>Failures</h2><p>There are none.</p>`;
  const shown = failures.length < failureCount ? `The first ${failures.length} of ${failureCount}` : 'All';
  const order = sides.length > 1 ? ', those first where the two differ' : '';
  const articles = failures.map((failure) => failureArticle(failure, sides, pictures.get(failure.at) ?? []));
  return html`<h2>Failures</h2><p class="soft">${shown}${order}.</p>${articles}`;
}

function failureArticle(
  failure: Failure,
  sides: EvaluationReport['sides'],
  pictures: readonly ReportPicture[],
): Html {
  const { id, group, wantedBox, answers, metric } = failure;
  const places = html`${drawPlaces(failure)}`;
  const wanted = wantedBox
    ? `Box ${wantedBox.map((side) => side.toFixed(3)).join(', ')}`
    : answers.join(' · ');
  const rows = failure.sides.map(
    (side, at) =>
      html`<tr><th scope="row">${sides[at]?.title ?? ''}</th><td>${saidCell(side)}</td><td class="number">${side ? side.score.toFixed(2) : ''}</td></tr>`,
  );
  return html`<article>
<h3>Question ${id}${group === '' ? '' : ` · ${group}`}</h3>
<div class="pictures">${pictures.map((picture, at) => figureOf(picture, at === 0 ? places : html``))}</div>
<pre>${failure.question}</pre>
<table>
<tr><th scope="row">Right (${metric})</th><td><pre>${wanted}</pre></td><td class="number"></td></tr>
${rows}
</table>
</article>
`;
}

function saidCell(side: SideAnswer | null): Html {
  if (side === null) return html`<span class="soft">not asked</span>`;
  if (side.error !== null) return html`<span class="soft">Could not be asked: ${side.error}</span>`;
  return html`<pre>${side.said}</pre>`;
}

function figureOf({ mimeType, bytes }: ReportPicture, places: Html): Html {
  const source = `data:${mimeType};base64,${Buffer.from(bytes).toString('base64')}`;
  return html`<div class="picture"><img src="${source}" alt="The question’s picture">${places}</div>`;
}

/** Boxes and points over the picture, in thousandths of it. */
function drawPlaces({ wantedBox, sides }: Failure): Html {
  const shapes = [
    wantedBox && rectangle(wantedBox, 'wanted'),
    ...sides.flatMap((side, at) => [
      side?.box ? rectangle(side.box, `said${at}`) : null,
      side?.point ? circle(side.point, `said${at}`) : null,
    ]),
  ].filter((shape) => shape !== null);
  if (shapes.length === 0) return html``;
  return html`<svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="Right place solid, said places dashed">${shapes}</svg>`;
}

function rectangle(corners: readonly [number, number, number, number], name: string): Html {
  const [x1, y1, x2, y2] = corners.map(thousandths) as [number, number, number, number];
  const [left, top] = [Math.min(x1, x2), Math.min(y1, y2)];
  return html`<rect class="place ${name}" x="${left}" y="${top}" width="${Math.abs(x2 - x1)}" height="${Math.abs(y2 - y1)}"/>`;
}

function circle([x, y]: readonly [number, number], name: string): Html {
  return html`<circle class="place ${name}" cx="${thousandths(x)}" cy="${thousandths(y)}" r="12"/>`;
}

function thousandths(share: number): number {
  return Math.round(1000 * share);
}
