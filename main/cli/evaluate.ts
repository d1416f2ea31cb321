/** `evaluate`: the story of one evaluation, from a data set to answers, scores and a report. */
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { describeReport } from '../../native-models/evaluation/report/describe-report.ts';
import type { EvaluationReport } from '../../native-models/evaluation/report/evaluation-report.ts';
import type { RunHeader } from '../../native-models/evaluation/results/result-line.ts';
import { openResults, type ResultsFile } from '../../native-models/evaluation/results/results-file.ts';
import { withFolderLock } from '../service/models/folder-lock.ts';
import { askQuestion } from './evaluate/ask-question.ts';
import { type OpenSide, openSide, sidesOf } from './evaluate/open-side.ts';
import type { EvaluateCommand } from './evaluate/parse-evaluate.ts';
import { answersPath, type EvaluationPlan, planEvaluation, plannedQuestions } from './evaluate/plan.ts';
import { createProgress, type Progress } from './evaluate/progress.ts';
import { createMediaProcess, type MediaProcess } from './evaluate/show-media.ts';
import { sideBySide } from './evaluate/side-by-side.ts';
import { type AnsweredSide, writeReport } from './evaluate/write-report.ts';
import type { RunContext } from './run-context.ts';

/** Evaluates and reports. An abort is an outcome: what was answered stays, and the same line goes on with it. */
export async function evaluate(command: EvaluateCommand, run: RunContext): Promise<EvaluationReport | null> {
  const plan = await planEvaluation(command, run);
  if (!plan) return null;
  const { terminal, signal } = run;
  const lock = join(plan.out, 'evaluating.lock');
  const onWait = () => terminal.showStatus('Another process is evaluating into this folder…');
  const work = withFolderLock(lock, () => evaluateSides(command, plan, run), { signal, onWait });
  const report = await work.catch((error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  });
  if (report) sayReport(report, { plan, command }, run);
  return report;
}

async function evaluateSides(
  command: EvaluateCommand,
  plan: EvaluationPlan,
  run: RunContext,
): Promise<EvaluationReport | null> {
  const media = createMediaProcess(run.children);
  const sides = sidesOf(command);
  const isWatched = process.stderr.isTTY === true;
  const progress = createProgress(
    run.terminal,
    { total: plan.questionCount, sides: sides.length, isWatched },
    () => performance.now(),
  );
  const answered: AnsweredSide[] = [];
  for (const asked of sides) {
    const side = await openSide(asked, command.devices, run);
    if (!side) break;
    answered.push(await answerAll(side, { plan, media, progress, title: titleOf(side, answered) }, run));
    // One model in memory at a time.
    await side.engine.shutdown();
    if (run.signal.aborted) break;
  }
  return answered.length === 0 ? null : writeReport(plan, answered, media, run);
}

interface Surroundings {
  plan: EvaluationPlan;
  media: MediaProcess;
  progress: Progress;
  title: string;
}

/**
 * Questions that a server has at once: it answers them in one batch. Here they come one by one, so that a run's answers
 * do not depend on which were asked beside which.
 */
const askedAtOnce = 8;

/** Asks a side every question that it hasn't answered yet. */
async function answerAll(
  side: OpenSide,
  { plan, media, progress, title }: Surroundings,
  { terminal, signal }: RunContext,
): Promise<AnsweredSide> {
  const { description, model, engine } = side;
  for (const note of description.notes) terminal.note(`Note: ${note}`);
  const file = await openResults(answersPath(plan, model), headerOf(plan, side));
  try {
    progress.start(title, plannedResults(file, plan).size);
    const cutting = { description, maxTiles: plan.maxTiles, asReference: plan.benchmark !== null };
    const asked = { engine: engine.client, media, ...cutting };
    const atOnce = description.remote ? askedAtOnce : 1;
    await sideBySide(unansweredQuestions(plan, file), atOnce, async (placed) => {
      const result = signal.aborted ? null : await askQuestion(placed, asked, signal);
      if (!result) return false;
      await file.add(result);
      progress.tick(result.score);
      return true;
    });
    const { name, precision } = model;
    return { title, model: name, precision, device: description.device, results: plannedResults(file, plan) };
  } finally {
    terminal.clearStatus();
    await file.close();
  }
}

async function* unansweredQuestions(plan: EvaluationPlan, { results }: ResultsFile) {
  for await (const placed of plannedQuestions(plan)) if (!results.has(placed.at)) yield placed;
}

/** The answers that count in this run: an earlier one may have asked more. */
function plannedResults({ results }: ResultsFile, { questionCount }: EvaluationPlan) {
  const counted = [...results].filter(([at]) => at < questionCount);
  return new Map(counted.sort(([one], [other]) => one - other)); // several at once end in any order
}

function headerOf({ dataset, maxTiles }: EvaluationPlan, { model }: OpenSide): RunHeader {
  return {
    type: 'run',
    version: 1,
    dataset: { name: dataset.name, sha256: dataset.sha256 },
    model,
    maxTiles,
  };
}

/** Model and precision, and what tells it from another of the same name. */
function titleOf({ model }: OpenSide, others: readonly AnsweredSide[]): string {
  const title = `${model.name} ${model.precision}`;
  const isTaken = others.some((other) => other.title === title);
  return isTaken ? `${title} (${model.fingerprint.slice(0, 8)})` : title;
}

function sayReport(
  report: EvaluationReport,
  { plan, command }: { plan: EvaluationPlan; command: EvaluateCommand },
  { terminal }: RunContext,
): void {
  if (command.json) {
    const { failures: _, ...figures } = report;
    terminal.say(`${JSON.stringify(figures)}\n`);
  } else terminal.say(`${describeReport(report).join('\n')}\n`);
  if (!report.complete) terminal.note('Not every question was asked. The same line again goes on.');
  terminal.note(`Report: ${relative(process.cwd(), join(plan.out, 'report.html'))}`);
}
