/** The benchmarks of the model card: how each asks, what counts as right, and how it is usually run. */
import { letterAnswer, type MetricName, shortAnswer, yesNoAnswer } from './question.ts';

export interface Benchmark {
  /** As its files are called, without ending and case; `*` stands for anything. */
  names: readonly string[];
  title: string;
  metric: MetricName;
  /** Sentence put behind every question; null where the question holds its own. */
  instruction: string | null;
  maxTiles: number;
  frames: number;
}

const picture = { frames: 0 };

/** Tiles: model-card evaluation settings (OpenGVLab/InternVL: internvl_chat/evaluate.sh, `--dynamic --max-num`). */
export const benchmarks: readonly Benchmark[] = [
  { names: ['docvqa*'], title: 'DocVQA', metric: 'anls', instruction: shortAnswer, maxTiles: 18, ...picture },
  {
    names: ['infovqa*'],
    title: 'InfoVQA',
    metric: 'anls',
    instruction: shortAnswer,
    maxTiles: 24,
    ...picture,
  },
  {
    names: ['chartqa*'],
    title: 'ChartQA',
    metric: 'relaxedAccuracy',
    instruction: shortAnswer,
    maxTiles: 12,
    ...picture,
  },
  {
    names: ['textvqa*'],
    title: 'TextVQA',
    metric: 'vqaAccuracy',
    instruction: shortAnswer,
    maxTiles: 24,
    ...picture,
  },
  {
    names: ['ocrbench*'],
    title: 'OCRBench',
    metric: 'containment',
    instruction: null,
    maxTiles: 24,
    ...picture,
  },
  {
    names: ['mtvqa*'],
    title: 'MTVQA',
    metric: 'containment',
    instruction: shortAnswer,
    maxTiles: 6,
    ...picture,
  },
  {
    names: ['mathvista*'],
    title: 'MathVista',
    metric: 'exactMatch',
    instruction: null,
    maxTiles: 6,
    ...picture,
  },
  {
    names: ['mmmu*'],
    title: 'MMMU',
    metric: 'choiceLetter',
    instruction: letterAnswer,
    maxTiles: 6,
    ...picture,
  },
  {
    names: ['blink*'],
    title: 'BLINK',
    metric: 'choiceLetter',
    instruction: letterAnswer,
    maxTiles: 6,
    ...picture,
  },
  {
    names: ['realworldqa*'],
    title: 'RealWorldQA',
    metric: 'choiceLetter',
    instruction: letterAnswer,
    maxTiles: 12,
    ...picture,
  },
  { names: ['mme', 'mme_*'], title: 'MME', metric: 'yesNo', instruction: null, maxTiles: 6, ...picture },
  { names: ['pope*'], title: 'POPE', metric: 'yesNo', instruction: yesNoAnswer, maxTiles: 6, ...picture },
  { names: ['refcoco*'], title: 'RefCOCO', metric: 'boxIou', instruction: null, maxTiles: 6, ...picture },
  {
    names: ['screenspot*'],
    title: 'ScreenSpot',
    metric: 'pointInBox',
    instruction: null,
    maxTiles: 12,
    ...picture,
  },
  {
    names: ['vsi-bench*', 'vsibench*', 'vsi_bench*'],
    title: 'VSI-Bench',
    metric: 'meanRelativeAccuracy',
    instruction: shortAnswer,
    maxTiles: 1,
    frames: 32,
  },
  {
    names: ['video-mme*', 'videomme*', 'video_mme*'],
    title: 'Video-MME',
    metric: 'choiceLetter',
    instruction: letterAnswer,
    maxTiles: 1,
    frames: 32,
  },
  {
    names: ['mmlu*'],
    title: 'MMLU',
    metric: 'choiceLetter',
    instruction: letterAnswer,
    maxTiles: 1,
    ...picture,
  },
  { names: ['gsm8k*'], title: 'GSM8K', metric: 'lastNumber', instruction: null, maxTiles: 1, ...picture },
];

/** The benchmark that a file's name means; null for one that is none of the card's. */
export function findBenchmark(fileName: string): Benchmark | null {
  const bare = fileName.replace(/\.[^.]+$/, '').toLowerCase();
  const matches = (name: string) => (name.endsWith('*') ? bare.startsWith(name.slice(0, -1)) : bare === name);
  return benchmarks.find(({ names }) => names.some(matches)) ?? null;
}
