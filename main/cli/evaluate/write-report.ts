/** The report's two files: report.json for programs, report.html for people. */
import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Question } from '../../../native-models/evaluation/datasets/question.ts';
import type {
  EvaluationReport,
  Failure,
} from '../../../native-models/evaluation/report/evaluation-report.ts';
import { describeFailure, failedPlaces } from '../../../native-models/evaluation/report/find-failures.ts';
import type { ReportPicture } from '../../../native-models/evaluation/report/html-failures.ts';
import {
  compareSides,
  method,
  plainScoring,
  summariseSide,
} from '../../../native-models/evaluation/report/summarise.ts';
import { writeHtml } from '../../../native-models/evaluation/report/write-html.ts';
import type { Result } from '../../../native-models/evaluation/results/result-line.ts';
import { openThumbnail } from '../../../native-models/process/media-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { RunContext } from '../run-context.ts';
import { type EvaluationPlan, plannedQuestions } from './plan.ts';
import { type MediaProcess, sourceOf } from './show-media.ts';

/** A side with all its answers, of this run and earlier ones. */
export interface AnsweredSide {
  title: string;
  model: string;
  precision: string;
  device: string;
  results: ReadonlyMap<number, Result>;
}

/** A report of more pictures takes megabytes and is read by nobody to its end. */
const mostFailures = 60;
const mostPicturesEach = 4;
const pictureSidePx = 384;

/** Writes both files beside the answers. Stopped runs get no pictures, so that stopping is quick. */
export async function writeReport(
  plan: EvaluationPlan,
  sides: readonly AnsweredSide[],
  media: MediaProcess,
  { terminal, signal }: RunContext,
): Promise<EvaluationReport> {
  terminal.showStatus('Writing the report…');
  const answers = sides.map(({ results }) => results);
  const places = failedPlaces(answers);
  const failures: Failure[] = [];
  const pictures = new Map<number, ReportPicture[]>();
  const wanted = new Set(places.slice(0, mostFailures));
  if (wanted.size > 0) {
    for await (const { at, question } of plannedQuestions(plan)) {
      if (!wanted.delete(at)) continue;
      failures.push(describeFailure(at, question, answers));
      if (!signal.aborted) pictures.set(at, await drawPictures(question, media, signal));
      if (wanted.size === 0) break;
    }
  }
  failures.sort((a, b) => places.indexOf(a.at) - places.indexOf(b.at));
  const report = composeReport(plan, sides, { failures, failureCount: places.length });
  await replaceFile(join(plan.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await replaceFile(join(plan.out, 'report.html'), writeHtml(report, pictures));
  terminal.clearStatus();
  return report;
}

function composeReport(
  { dataset, benchmark, questionCount, sideCount }: EvaluationPlan,
  sides: readonly AnsweredSide[],
  found: Pick<EvaluationReport, 'failures' | 'failureCount'>,
): EvaluationReport {
  const scoring = benchmark ?? plainScoring;
  const reports = sides.map(({ results, ...side }) => {
    const inOrder = [...results.values()].sort((a, b) => a.at - b.at);
    return summariseSide(side, inOrder, scoring);
  });
  const [first, second] = sides;
  return {
    version: 1,
    dataset: {
      name: dataset.name,
      benchmark: benchmark?.title ?? null,
      sha256: dataset.sha256,
      questions: questionCount,
    },
    complete: sides.length === sideCount && sides.every(({ results }) => results.size === questionCount),
    method,
    sides: reports,
    comparison: first && second ? compareSides(first.results, second.results, scoring) : null,
    ...found,
  };
}

/** Small pictures of a question's media; one that can't be drawn is left out, its question's error says why. */
async function drawPictures(
  { media: files }: Question,
  media: MediaProcess,
  signal: AbortSignal,
): Promise<ReportPicture[]> {
  const pictures: ReportPicture[] = [];
  for (const file of files.slice(0, mostPicturesEach)) {
    try {
      const request = { source: sourceOf(file), part: {}, maxSide: pictureSidePx };
      const bytes = await media.ask((client) => openThumbnail(client, request, signal));
      if (bytes) pictures.push({ mimeType: 'image/webp', bytes });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return pictures;
}

/** A reader never sees half a report. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  try {
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, path);
  } catch (cause) {
    throw new AppError('disk_full', "The report can't be written. Is the disk full?", { cause });
  }
}
