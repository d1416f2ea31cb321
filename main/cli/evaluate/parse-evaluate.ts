/** What `evaluate` takes. */
import {
  type DeviceNames,
  type Precision,
  readDeviceNames,
} from '../../../native-models/process/engine-client.ts';
import { precisionSchema } from '../../../preload/contract/precision.ts';
import { readOptions, readPrecision, readWholeNumber, refuse } from '../read-options.ts';

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

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = {
  ...{ model: text, precision: text, against: text, device: text, limit: text, 'max-tiles': text, out: text },
  ...{ json: flag, help: { ...flag, short: 'h' } },
};

/** @returns null where only help was asked for. @throws AppError `invalid_request` with a sentence that names the argument */
export function parseEvaluate(args: string[]): EvaluateCommand | null {
  const { values, positionals } = readOptions(args, options);
  if (values.help) return null;
  const [dataset, ...surplus] = positionals;
  if (!dataset || surplus.length > 0) throw refuse('evaluate takes one data set: evaluate DocVQA_VAL.tsv');
  const { precision, against, limit, 'max-tiles': maxTiles } = values;
  return {
    kind: 'evaluate',
    dataset,
    model: values.model ?? null,
    precision: precision === undefined ? null : readPrecision(precision),
    against: against === undefined ? null : readAgainst(against),
    devices: readDeviceNames(values.device ?? 'auto'),
    limit: limit === undefined ? null : readWholeNumber('limit', limit, { from: 1, to: 10_000_000 }),
    maxTiles: maxTiles === undefined ? null : readWholeNumber('max-tiles', maxTiles, { from: 1, to: 40 }),
    out: values.out ?? null,
    json: values.json ?? false,
  };
}

function readAgainst(text: string): EvaluateCommand['against'] {
  const { data: precision } = precisionSchema.safeParse(text);
  return precision ? { precision } : { model: text };
}
