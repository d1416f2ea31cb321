/** One question of a data set, whatever file it came from. */
import type { Corners } from '../box-metrics.ts';

export type MetricName =
  | 'anls'
  | 'relaxedAccuracy'
  | 'vqaAccuracy'
  | 'containment'
  | 'containmentWithoutBlanks'
  | 'exactMatch'
  | 'choiceLetter'
  | 'yesNo'
  | 'lastNumber'
  | 'meanRelativeAccuracy'
  | 'boxIou'
  | 'pointInBox';

/** A picture or film: a file beside the data set, or bytes inside it. */
export type Media = { kind: 'path'; path: string } | { kind: 'bytes'; bytes: Uint8Array; name: string };

export interface Question {
  id: string;
  /** What the model is asked, with the benchmark's own instruction. */
  text: string;
  media: Media[];
  metric: MetricName;
  /** All that count as right; for boxes see `box`. */
  answers: string[];
  /** Of grounding and screens: x1 y1 x2 y2 as shares of the picture. */
  box: Corners | null;
  /** Part of the benchmark the question belongs to, for the report's table. */
  group: string;
  /** Tiles of a picture that the benchmark is usually run with (model card's evaluation settings). */
  maxTiles: number;
  /** Frames of a film; 0 where there is none. */
  frames: number;
}

/** The instruction of the card's evaluations for one-word answers. */
export const shortAnswer = 'Answer the question using a single word or phrase.';
export const letterAnswer = "Answer with the option's letter from the given choices directly.";
export const yesNoAnswer = 'Answer the question using yes or no.';
