/** What `evaluate` takes. */
import { parseArgs } from 'node:util';
import {
  type DeviceNames,
  type Precision,
  readDeviceNames,
} from '../../../native-models/process/engine-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';

export interface EvaluateCommand {
  kind: 'evaluate';
  /** A data set's file, or MMLU's folder. */
  dataset: string;
  /** Checkpoint or model folder; null = the embedded model. */
  model: string | null;
  /** Null where none was asked for: int4 for a checkpoint, its own for a converted folder. */
  precision: Precision | null;
  /** What it is compared with: another precision of the same model, or another model; null = nothing. */
  against: { precision: Precision } | { model: string } | null;
  devices: DeviceNames;
  /** The data set's first so many questions; null = all. */
  limit: number | null;
  /** Null = as the benchmark is usually run. */
  maxTiles: number | null;
  /** Folder of answers and report; null = one beside, named after the data set. */
  out: string | null;
  json: boolean;
}

export const evaluateUsage = `  evaluate DATASET [options] ask every question of a data set and score the answers
    --model FOLDER  --precision P  --device D  --max-tiles N  --json
    --against X               compare with another precision, or another model's folder
    --limit N                 only the first N questions
    --out FOLDER              answers and report; the same line again goes on where it stopped
`;

const precisions: readonly Precision[] = ['fp32', 'fp16', 'int8', 'int4'];

/** @returns null where only help was asked for. @throws AppError `invalid_request` with a sentence that names the argument */
export function parseEvaluate(args: string[]): EvaluateCommand | null {
  const { values, positionals } = read(args);
  if (values.help) return null;
  const [dataset, ...surplus] = positionals;
  if (!dataset || surplus.length > 0) throw refuse('evaluate takes one data set: evaluate DocVQA_VAL.tsv');
  const { precision, against, limit } = values;
  return {
    kind: 'evaluate',
    dataset,
    model: values.model ?? null,
    precision: precision === undefined ? null : choice('precision', precision, precisions),
    against: against === undefined ? null : readAgainst(against),
    devices: readDeviceNames(values.device ?? 'auto'),
    limit: limit === undefined ? null : wholeNumber('limit', limit, 10_000_000),
    maxTiles: values['max-tiles'] === undefined ? null : wholeNumber('max-tiles', values['max-tiles'], 40),
    out: values.out ?? null,
    json: values.json ?? false,
  };
}

function read(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    ...{
      model: text,
      precision: text,
      against: text,
      device: text,
      limit: text,
      'max-tiles': text,
      out: text,
    },
    ...{ json: flag, help: { ...flag, short: 'h' } },
  };
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.?$/, '.') : '';
    throw refuse(`The command line is not understood: ${reason} --help lists the options.`);
  }
}

function readAgainst(text: string): EvaluateCommand['against'] {
  const precision = precisions.find((name) => name === text);
  return precision ? { precision } : { model: text };
}

function choice<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw refuse(`--${name} is one of ${allowed.join(', ')}, not "${text}".`);
  return found;
}

function wholeNumber(name: string, text: string, to: number): number {
  const value = /^\d{1,8}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > to) throw refuse(`--${name} is a whole number from 1 to ${to}, not "${text}".`);
  return value;
}

function refuse(sentence: string): AppError {
  return new AppError('invalid_request', sentence);
}
