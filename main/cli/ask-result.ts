/** What `ask --json` prints: the answer, what went in, and the figures of the run. */
import type {
  AnswerEnd,
  LoadedModel,
  PictureTiles,
  Precision,
  ShownPrecision,
} from '../../native-models/process/engine-client.ts';
import { readPeakRssBytes } from '../../native-models/process/process-contract.ts';
import type { Choice } from '../../preload/contract/tasks.ts';

export interface PictureReport {
  /** Of a film's frame: when it is shown, from the film's first frame. */
  timeMs?: number;
  width: number;
  height: number;
  columns: number;
  rows: number;
  thumbnail: boolean;
  visualTokens: number;
}

export interface CandidateReport {
  method: Choice['method'];
  critic?: NonNullable<Choice['critic']>;
  /** In the order of their seeds, the first without chance. */
  candidates: {
    text: string;
    votes: number;
    meanLogprob: number | null;
    criticScore?: number;
    isChosen: boolean;
  }[];
}

/** Times are in milliseconds. */
export interface AskResult {
  text: string;
  /** With `--thinking`: what stood in the `<think>` block, of which `text` is free; null where the model wrote none. */
  thought?: string | null;
  /** Without the stop token. */
  tokenIds: number[];
  /** With `--candidates`: all that were written, and why this one was taken. */
  choice?: CandidateReport;
  /** With every visual token's placeholder in it. */
  promptTokenIds: number[];
  pictures: PictureReport[];
  /** V2PE's δ that the visual tokens were placed with; absent without any. */
  visualPositionStep?: number;
  stopReason: AnswerEnd['stopReason'];
  /** Of a model on a server, which counts by itself and may tell no ids. */
  counts?: NonNullable<AnswerEnd['counts']>;
  precision: ShownPrecision;
  /** As the model's description says it: of several devices with the layers of each. */
  device: string;
  timings: {
    loadMs: number;
    preprocessMs: number;
    visionMs: number;
    prefillMs: number;
    /** From having the model to the first sampled token: reading the pictures is part of it, loading is not. */
    firstTokenMs: number;
    decodeMs: number;
    decodeTokensPerSecond: number;
  };
  /** Sum of the peaks of this process and its children. */
  peakRssBytes: number;
}

type ModelDescription = LoadedModel['description'];

/** The precision's name is its decoder's: int4 stands for int8 vision and int4 decoder, the others are the same in both. */
export function precisionName(description: ModelDescription): ShownPrecision {
  return description.precision.decoder;
}

export function reportPicture(picture: PictureTiles, description: ModelDescription): PictureReport {
  const { width, height, columns, rows, thumbnail, tileCount } = picture;
  return {
    width,
    height,
    columns,
    rows,
    thumbnail,
    visualTokens: tileCount * description.visualTokensPerTile,
  };
}

/** The result of a run that was stopped before the question was asked: nothing was said, which is an outcome too. */
export function unaskedResult(asked: { precision: Precision; device: string }): AskResult {
  return {
    text: '',
    tokenIds: [],
    promptTokenIds: [],
    pictures: [],
    stopReason: 'aborted',
    ...asked,
    timings: {
      loadMs: 0,
      preprocessMs: 0,
      visionMs: 0,
      prefillMs: 0,
      firstTokenMs: 0,
      decodeMs: 0,
      decodeTokensPerSecond: 0,
    },
    peakRssBytes: readPeakRssBytes(),
  };
}

/** One line for a person who watched the answer come. */
export function summariseResult({ tokenIds, counts, stopReason, timings }: AskResult): string {
  const seconds = (timings.firstTokenMs / 1000).toFixed(2);
  const speed = timings.decodeTokensPerSecond.toFixed(1);
  const ended = { eos: '', length: ', cut at the token limit', 'stop-string': '', aborted: ', stopped' }[
    stopReason
  ];
  return `${counts?.newTokens ?? tokenIds.length} tokens, the first after ${seconds} s, then ${speed} tokens/s${ended}`;
}
