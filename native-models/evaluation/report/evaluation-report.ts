/** What an evaluation comes to, as report.json holds it and report.html shows it. Scores are shares, 0 to 1. */
import type { Interval, PairedCounts } from '../confidence.ts';
import type { PictureSize } from '../score-answer.ts';

/** A figure of the whole set that a benchmark's paper reports besides. */
export interface Figure {
  name: string;
  value: number;
  unit: 'points' | 'percent';
}

export interface GroupScore {
  group: string;
  asked: number;
  score: number;
}

export interface SideReport {
  /** As the report calls it: the model's name and precision, or what tells it from the other. */
  title: string;
  model: string;
  precision: string;
  device: string;
  asked: number;
  /** Of these could not be asked and count as wrong. */
  failed: number;
  /** Answers cut at the token limit. */
  cut: number;
  score: Interval;
  groups: GroupScore[];
  figures: Figure[];
  /** Time of the questions in this and earlier runs. */
  elapsedMs: number;
}

export interface Comparison {
  /** Questions both have answered. */
  asked: number;
  /** First side minus second. */
  difference: Interval;
  /** Null where scores are graded. */
  counts: PairedCounts | null;
  verdict: 'first' | 'second' | 'undecided';
}

/** What one side said to a question. */
export interface SideAnswer {
  said: string;
  score: number;
  error: string | null;
  /** Where it pointed: a box or a point, as shares of the picture. */
  box: readonly [number, number, number, number] | null;
  point: readonly [number, number] | null;
}

/** A question that a side got wrong. */
export interface Failure {
  at: number;
  id: string;
  group: string;
  metric: string;
  question: string;
  answers: string[];
  wantedBox: readonly [number, number, number, number] | null;
  size: PictureSize | null;
  /** In the order of the sides; null where it wasn't asked. */
  sides: (SideAnswer | null)[];
}

export interface EvaluationReport {
  version: 1;
  dataset: { name: string; benchmark: string | null; sha256: string; questions: number };
  /** Whether every question was asked of every side. */
  complete: boolean;
  method: string;
  sides: SideReport[];
  comparison: Comparison | null;
  /** The first of the failures, those first where the sides differ. */
  failures: Failure[];
  failureCount: number;
}
