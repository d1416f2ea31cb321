/** What an evaluation is about to do: the data set looked through once, so that hours don't end at a broken line. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { Benchmark } from '../../../native-models/evaluation/datasets/benchmarks.ts';
import {
  benchmarkOf,
  filesOfDataset,
  openDataset,
} from '../../../native-models/evaluation/datasets/open-dataset.ts';
import type { Question } from '../../../native-models/evaluation/datasets/question.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { RunContext } from '../run-context.ts';
import type { EvaluateCommand } from './parse-evaluate.ts';

export interface EvaluationPlan {
  dataset: { path: string; name: string; sha256: string };
  benchmark: Benchmark | null;
  /** Questions to be asked of each side. */
  questionCount: number;
  /** Folder of answers and report. */
  out: string;
  maxTiles: number | null;
  /** Models or precisions to be asked. */
  sideCount: number;
}

/** A question with its place in the data set, counted from 0. */
export interface PlacedQuestion {
  at: number;
  question: Question;
}

/** @returns null when aborted. @throws AppError what `openDataset` throws, `profile_readonly` */
export async function planEvaluation(
  command: EvaluateCommand,
  { terminal, signal }: RunContext,
): Promise<EvaluationPlan | null> {
  const path = resolve(command.dataset);
  const name = basename(path);
  terminal.showStatus(`Looking through ${name}…`);
  let questionCount = 0;
  for await (const _ of openDataset(path)) {
    if (signal.aborted) return null;
    questionCount += 1;
    if (questionCount === command.limit) break;
  }
  terminal.clearStatus();
  if (questionCount === 0) throw new AppError('media_broken', `${name} holds no questions.`);
  const out = resolve(command.out ?? `evaluation-${basename(name, extname(name))}`);
  await mkdir(out, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('profile_readonly', "The folder for the answers can't be made. Name another --out.", {
      cause,
    });
  });
  const { maxTiles } = command;
  const sideCount = command.against ? 2 : 1;
  const dataset = { path, name, sha256: await hashDataset(path) };
  return { dataset, benchmark: benchmarkOf(path), questionCount, out, maxTiles, sideCount };
}

/** The questions of a plan, in the data set's order. */
export async function* plannedQuestions(plan: EvaluationPlan): AsyncGenerator<PlacedQuestion, void, void> {
  let at = 0;
  for await (const question of openDataset(plan.dataset.path)) {
    yield { at, question };
    at += 1;
    if (at === plan.questionCount) return;
  }
}

/** Where a side's answers lie. The fingerprint keeps apart models of one name. */
export function answersPath(
  { out }: EvaluationPlan,
  model: { name: string; precision: string; fingerprint: string },
): string {
  const name = model.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 60);
  return join(out, `answers-${name}-${model.precision}-${model.fingerprint.slice(0, 8)}.jsonl`);
}

async function hashDataset(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await filesOfDataset(path)) {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
