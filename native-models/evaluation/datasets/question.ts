/** One question of a data set, whatever file it came from. */
import type { Corners } from '../box-metrics.ts';

export const metricNames = [
  'anls',
  'relaxedAccuracy',
  'vqaAccuracy',
  'containment',
  'containmentWithoutBlanks',
  'exactMatch',
  'sameText',
  'choiceLetter',
  'yesNo',
  'lastNumber',
  'meanRelativeAccuracy',
  'boxIou',
  'pointInBox',
] as const;

export type MetricName = (typeof metricNames)[number];

/** A picture or film: a file beside the data set, or bytes inside it. */
export type Media = { kind: 'path'; path: string } | { kind: 'bytes'; bytes: Uint8Array; name: string };

export interface Question {
  id: string;
  /** What the model is asked, with the benchmark's own instruction. */
  text: string;
  /** Asked before it in the same conversation, each answered by the model itself; mostly none. */
  earlierTexts: string[];
  /** In place of the model's own system text; null = the model's own. */
  systemText: string | null;
  media: Media[];
  /** Whether several pictures are shown as `Image-1`, `Image-2` … or as frames of one film, a tile each. */
  shownAs: 'pictures' | 'frames';
  metric: MetricName;
  /** All that count as right; for boxes see `box`. */
  answers: string[];
  /** Texts of the choices, the first being A; empty where there are none. */
  choices: string[];
  /** Of grounding and screens: x1 y1 x2 y2. */
  box: Corners | null;
  /** Shares of the picture, or its pixels. */
  boxUnit: 'share' | 'pixel';
  /** Part of the benchmark the question belongs to, for the report's table. */
  group: string;
  /** Tiles of a picture that the benchmark is usually run with (model card's evaluation settings). */
  maxTiles: number;
  /** Frames of a film; 0 where there is none. */
  frames: number;
  /** Longest answer in tokens. */
  maxNewTokens: number;
}

/** What most questions have in common; a reader names only what is different. */
export const plainQuestion = {
  earlierTexts: [] as string[],
  systemText: null,
  media: [] as Media[],
  shownAs: 'pictures',
  answers: [] as string[],
  choices: [] as string[],
  box: null,
  boxUnit: 'share',
  group: '',
} satisfies Partial<Question>;

/** The instructions of the card's evaluations (OpenGVLab/InternVL: internvl_chat/eval/vqa and its neighbours). */
export const shortAnswer = 'Answer the question using a single word or phrase.';
export const letterAnswer = "Answer with the option's letter from the given choices directly.";
export const directAnswer = 'Answer the question directly.';
export const yesNoAnswer = 'Answer the question using yes or no.';
