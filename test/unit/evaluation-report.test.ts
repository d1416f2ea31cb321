/** The report: numbers, sentences, and a page that shows hostile text without running it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { describeReport } from '../../native-models/evaluation/report/describe-report.ts';
import type { EvaluationReport } from '../../native-models/evaluation/report/evaluation-report.ts';
import { describeFailure, failedPlaces } from '../../native-models/evaluation/report/find-failures.ts';
import { escapeHtml, html } from '../../native-models/evaluation/report/html.ts';
import { compareSides, method, summariseSide } from '../../native-models/evaluation/report/summarise.ts';
import { writeHtml } from '../../native-models/evaluation/report/write-html.ts';
import type { Result } from '../../native-models/evaluation/results/result-line.ts';

const attack = '</pre><script>alert(1)</script><img src=x onerror=alert(1)> "\'&\u202egnp.exe\u0007';

const answer = (at: number, score: number, over: Partial<Result> = {}): Result => ({
  ...{ type: 'answer', at, id: `${at}`, group: at % 2 ? 'odd' : 'even', metric: 'exactMatch' },
  ...{ question: `Question ${at}?`, answers: ['yes'], said: 'no', score, cluster: null, size: null },
  ...{ stopReason: 'eos', tokens: 1, elapsedMs: 100, error: null },
  ...over,
});
const byPlace = (results: Result[]) => new Map(results.map((result) => [result.at, result]));
const side = (title: string) => ({ title, model: title, precision: 'int4', device: 'cpu' });

const first = byPlace(Array.from({ length: 40 }, (_, at) => answer(at, at % 10 === 0 ? 0 : 1)));
const second = byPlace(Array.from({ length: 40 }, (_, at) => answer(at, at % 2 === 0 ? 0 : 1)));

function report(over: Partial<EvaluationReport> = {}): EvaluationReport {
  return {
    version: 1,
    dataset: { name: 'mine.jsonl', benchmark: null, sha256: 'ab12', questions: 40 },
    complete: true,
    method,
    sides: [summariseSide(side('a'), [...first.values()]), summariseSide(side('b'), [...second.values()])],
    comparison: compareSides(first, second),
    failures: [],
    failureCount: 0,
    ...over,
  };
}

test('scores, groups and the comparison are those of the answers', () => {
  const { sides, comparison } = report();
  assert.deepEqual([sides[0]?.score.mean, sides[1]?.score.mean], [0.9, 0.5]);
  assert.deepEqual(sides[0]?.groups, [
    { group: 'even', asked: 20, score: 0.8 },
    { group: 'odd', asked: 20, score: 1 },
  ]);
  assert.deepEqual(
    [comparison?.verdict, comparison?.counts?.onlyLeft, comparison?.counts?.onlyRight],
    ['first', 16, 0],
  );
  const [, , verdict] = describeReport(report());
  assert.match(
    verdict!,
    /^a is better than b on these 40 questions \(\+40\.0 points, .*McNemar.*below 0\.001/,
  );
});

test('the worse side is called worse, equal ones undecided, and sides without common questions nothing', () => {
  assert.equal(compareSides(second, first)?.verdict, 'second');
  assert.match(
    describeReport(report({ comparison: compareSides(first, first) })).at(-1)!,
    /^No difference .* can be told/,
  );
  assert.equal(compareSides(first, byPlace([answer(99, 1)])), null);
  const graded = byPlace([answer(0, 0.5), answer(1, 0.25)]);
  assert.equal(compareSides(graded, first)?.counts, null, 'McNemar needs right and wrong');
});

test('failures come first where the sides differ, and each side’s answer stands beside the right one', () => {
  const places = failedPlaces([first, second]);
  assert.deepEqual(places.slice(0, 3), [2, 4, 6]);
  assert.deepEqual(places.slice(-4), [0, 10, 20, 30], 'both were wrong there');
  const pixel = { metric: 'boxIou', box: [0, 0, 50, 50], boxUnit: 'pixel' } as const;
  const said = '<ref>x</ref><box>[[0, 0, 500, 500]]</box>';
  const boxed = byPlace([answer(0, 0, { said, size: { width: 100, height: 200 } })]);
  const failure = describeFailure(0, pixel, [boxed, new Map()]);
  assert.deepEqual(failure.wantedBox, [0, 0, 0.5, 0.25]);
  assert.deepEqual(failure.sides, [
    { said, score: 0, error: null, box: [0, 0, 0.5, 0.5], point: null },
    null,
  ]);
});

test('text of data sets and models is shown and never becomes markup', () => {
  const hostile = byPlace([
    answer(0, 0, { id: attack, group: attack, question: attack, answers: [attack], said: attack }),
  ]);
  const page = writeHtml(
    report({
      dataset: { name: attack, benchmark: null, sha256: 'ab', questions: 1 },
      sides: [summariseSide(side(attack), [...hostile.values()])],
      comparison: null,
      failures: [describeFailure(0, { metric: 'exactMatch', box: null, boxUnit: 'share' }, [hostile])],
      failureCount: 1,
    }),
    new Map([[0, [{ mimeType: 'image/webp', bytes: new Uint8Array([1, 2, 3]) }]]]),
  );
  assert.doesNotMatch(page, /<script|<img src=x|onerror=alert\(1\)>|\u202e/);
  assert.ok(!page.includes('\u0007'));
  assert.match(page, /&lt;script&gt;alert\(1\)/, 'it is there to be read');
  assert.match(page, /src="data:image\/webp;base64,AQID"/);
  assert.doesNotMatch(page, /(?:src|href|action)="(?!data:)/, 'nothing is loaded from anywhere');
  // Every tag that is open is closed by the page itself, not by the attack.
  for (const tag of ['pre', 'table', 'article', 'tr', 'td']) {
    const count = (pattern: string) => page.match(new RegExp(pattern, 'g'))?.length ?? 0;
    assert.equal(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
});

test('the escape is what does it (negative control)', () => {
  assert.equal(html`<b>${'<i>'}</b>`.html, '<b>&lt;i&gt;</b>');
  assert.equal(html`<b>${{ html: '<i>' }}</b>`.html, '<b><i></b>');
  assert.equal(escapeHtml('a\u0000b\ud800'), 'a\ufffdb\ufffd');
});

test('the page’s policy allows its own style, pictures within it, and nothing else', () => {
  const page = writeHtml(report(), new Map());
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/
    .exec(page)?.[1]
    ?.replaceAll('&#39;', "'");
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  assert.ok(policy?.startsWith("default-src 'none'; "));
  assert.ok(policy?.includes(`style-src 'sha256-${hash}'`), 'the style’s hash is the style’s');
  assert.doesNotMatch(page, / style="/, 'no style outside it, which the policy would drop');
  assert.doesNotMatch(policy ?? '', /script|unsafe|https?:/);
});

test('an unfinished run, failed and cut answers are said', () => {
  const results = [
    answer(0, 0, { error: { code: 'media_broken', message: 'The picture is broken.' }, stopReason: 'error' }),
    answer(1, 1, { stopReason: 'length' }),
  ];
  const summary = summariseSide(side('a'), results);
  assert.deepEqual([summary.failed, summary.cut], [1, 1]);
  const unfinished = report({ sides: [summary], comparison: null, complete: false });
  assert.match(writeHtml(unfinished, new Map()), /this run is not finished/);
  assert.match(describeReport(unfinished).join('\n'), /1 could not be asked and count as wrong/);
});
