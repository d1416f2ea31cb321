/** The command line in words: what `ask` and `convert` take, and what a person reads when it was meant otherwise. */
import type { ParseArgsOptionsConfig } from 'node:util';
import {
  type DeviceNames,
  type GenerationOptions,
  type Precision,
  readDeviceNames,
} from '../../native-models/process/engine-client.ts';
import type { DevicesCommand } from './devices.ts';
import { type EvaluateCommand, parseEvaluate } from './evaluate/parse-evaluate.ts';
import { type ModelsCommand, parseModels } from './models/parse-models.ts';
import {
  readChoice,
  readNumber,
  readOptions,
  readPrecision,
  readWholeNumber,
  refuse,
} from './read-options.ts';

export interface AskCommand {
  kind: 'ask';
  files: string[];
  question: string;
  /** Checkpoint or model folder; null = the embedded model. */
  model: string | null;
  /** Null where none was asked for: int4 for a checkpoint, its own for a converted folder. */
  precision: Precision | null;
  devices: DeviceNames;
  /** Null = 12, or less where the model was trained with less. */
  maxTiles: number | null;
  asReference: boolean;
  /** Frames looked at of each film. */
  frames: number;
  /** Whether every scene of a film is to be seen; else its frames are spread evenly, as the model card does. */
  scenes: boolean;
  /** Of an encrypted PDF. */
  password: string | null;
  /** Null = the model's own. */
  system: string | null;
  /** Asks for a `<think>` block before the answer, as the card's thinking mode does. */
  thinking: boolean;
  /** V2PE's δ: how far a visual token moves the position. */
  positionStep: number | 'auto';
  generation: GenerationOptions;
  /** Answers to choose from; null = one, which is the answer. */
  candidates: number | null;
  /** VisualPRM, as published or converted, which chooses; null = majority, else log-probability. */
  critic: string | null;
  json: boolean;
}

export interface ConvertCommand {
  kind: 'convert';
  checkpoint: string;
  out: string;
  precision: Precision;
}

export type Command =
  | AskCommand
  | ConvertCommand
  | DevicesCommand
  | EvaluateCommand
  | ModelsCommand
  | { kind: 'help' };

export const usage = `Ask a picture, on your own machine.

  ask [options] [FILE…] "question"      the last argument is the question
    --model FOLDER            a checkpoint as published, or a converted one (default: the embedded model); or the address
                              of a server, https://…, or a model's id from "models list"
    --precision P             fp32, fp16, int8 or int4 (default int4)
    --device D                auto, cpu, webgpu, cuda …, or several with commas: cuda:0,cuda:1 (default auto)
    --max-tiles N             tiles a picture is cut into at most, 1 to 40 (default 12)
    --frames N                frames looked at of a film, 1 to 64 (default 8)
    --scenes                  choose them so that every scene is seen (default: evenly spread)
    --password TEXT           of an encrypted PDF
    --as-reference            read pictures exactly as the model card does
    --system TEXT             system text ("" for none; default: the model's own)
    --thinking                think before answering; the thoughts go to stderr (temperature 0.6 unless said)
    --v2pe D                  how far a visual token moves the position: 1, 1/2 … 1/256 (default auto: 1 where it fits)
    --max-new-tokens N        longest answer in tokens
    --temperature T           0 = always the likeliest token (default); the next five need more than 0 to matter
    --top-k K  --top-p P  --min-p P  --repetition-penalty R  --seed S
    --candidates N            write N answers, 2 to 8, the first without chance, and take the one most agree on, else
                              the one the model was surest of
    --critic FOLDER           VisualPRM-8B or -v1_1, a checkpoint or a converted one: it reads them and chooses instead
    --json                    end with one line of JSON

  convert CHECKPOINT OUT [--precision P]
                              make a model folder of a published checkpoint

A FILE is a picture, a PDF (report.pdf#page=2; page 1 unless said), a film (film.mp4#t=10-20 for those seconds)
or a document, of which the text is read.
One picture is asked as "<image>\\n" + question, several as "Image-1: <image>\\nImage-2: <image>\\n" + question,
a film as "Frame1: <image>\\nFrame2: <image>\\n" + question, each frame one tile;
a question may place its pictures itself, with one <image> for each or one for all.
Put -- before a question that begins with a dash.
`;

const askOptions = {
  model: { type: 'string' },
  precision: { type: 'string' },
  device: { type: 'string' },
  'max-tiles': { type: 'string' },
  'as-reference': { type: 'boolean' },
  frames: { type: 'string' },
  scenes: { type: 'boolean' },
  password: { type: 'string' },
  system: { type: 'string' },
  thinking: { type: 'boolean' },
  v2pe: { type: 'string' },
  'max-new-tokens': { type: 'string' },
  temperature: { type: 'string' },
  'top-k': { type: 'string' },
  'top-p': { type: 'string' },
  'min-p': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  seed: { type: 'string' },
  candidates: { type: 'string' },
  critic: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig;

const devicesOptions = {
  again: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig;

const convertOptions = {
  precision: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig;

/** @throws AppError `invalid_request` with a sentence that names the argument */
export function parseArguments(argv: string[]): Command {
  const [name, ...rest] = argv;
  if (name === 'ask') return parseAsk(rest);
  if (name === 'convert') return parseConvert(rest);
  if (name === 'evaluate') return parseEvaluate(rest) ?? { kind: 'help' };
  if (name === 'devices') return parseDevicesCommand(rest);
  if (name === 'models') return parseModels(rest) ?? { kind: 'help' };
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return { kind: 'help' };
  throw refuse(
    `There is no command "${name}". There are ask, convert, devices, models and evaluate; --help lists what they take.`,
  );
}

/** Whether the answer, or the error, is to be JSON: known even where the rest can't be read. */
export function wantsJson(argv: string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}

function parseDevicesCommand(args: string[]): Command {
  const { values } = readOptions(args, devicesOptions);
  if (values.help) return { kind: 'help' };
  return { kind: 'devices', again: values.again ?? false, json: values.json ?? false };
}

function parseAsk(args: string[]): Command {
  const { values, positionals } = readOptions(args, askOptions);
  if (values.help) return { kind: 'help' };
  const question = positionals.pop();
  if (question === undefined || question.trim() === '') {
    throw refuse('There is no question. It is the last argument: ask picture.png "What is this?"');
  }
  return {
    kind: 'ask',
    files: positionals,
    question,
    model: values.model ?? null,
    precision: values.precision === undefined ? null : readPrecision(values.precision),
    devices: readDeviceNames(values.device ?? 'auto'),
    maxTiles:
      values['max-tiles'] === undefined
        ? null
        : readWholeNumber('max-tiles', values['max-tiles'], { from: 1, to: 40 }),
    asReference: values['as-reference'] ?? false,
    frames: readWholeNumber('frames', values.frames ?? '8', { from: 1, to: 64 }),
    scenes: values.scenes ?? false,
    password: values.password ?? null,
    system: values.system ?? null,
    thinking: values.thinking ?? false,
    positionStep: readPositionStep(values.v2pe ?? 'auto'),
    generation: readGeneration(values),
    ...readCandidates(values),
    json: values.json ?? false,
  };
}

function readCandidates({
  candidates,
  critic = null,
}: {
  candidates?: string | undefined;
  critic?: string | null | undefined;
}): Pick<AskCommand, 'candidates' | 'critic'> {
  if (candidates !== undefined)
    return { candidates: readWholeNumber('candidates', candidates, { from: 2, to: 8 }), critic };
  if (critic !== null)
    throw refuse('--critic chooses among several answers: say how many with --candidates.');
  return { candidates: null, critic };
}

function parseConvert(args: string[]): Command {
  const { values, positionals } = readOptions(args, convertOptions);
  if (values.help) return { kind: 'help' };
  const [checkpoint, out, ...surplus] = positionals;
  if (!checkpoint || !out || surplus.length > 0) {
    throw refuse('convert takes two folders: the checkpoint and the one to make.');
  }
  return {
    kind: 'convert',
    checkpoint,
    out,
    precision: readPrecision(values.precision ?? 'int4'),
  };
}

/** Steps between those the paper trains with would be positions that no checkpoint has seen. */
function readPositionStep(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const steps = ['1', ...[2, 4, 8, 16, 32, 64, 128, 256].map((part) => `1/${part}`)];
  const [, part = '1'] = readChoice('v2pe', text, steps).split('/');
  return 1 / Number(part);
}

type Texts = Partial<Record<keyof typeof askOptions, string | boolean>>;

function readGeneration(values: Texts): GenerationOptions {
  const options: GenerationOptions = {};
  const given = (name: keyof typeof askOptions, take: (text: string) => void) => {
    const text = values[name];
    if (typeof text === 'string') take(text);
  };
  given('max-new-tokens', (text) => {
    options.maxNewTokens = readWholeNumber('max-new-tokens', text, { from: 1, to: 1_000_000 });
  });
  given('temperature', (text) => {
    options.temperature = readNumber('temperature', text, { from: 0, to: 100 });
  });
  given('top-k', (text) => {
    options.topK = readWholeNumber('top-k', text, { from: 0, to: 1_000_000 });
  });
  given('top-p', (text) => {
    options.topP = readNumber('top-p', text, { above: 0, to: 1 });
  });
  given('min-p', (text) => {
    options.minP = readNumber('min-p', text, { from: 0, to: 1 });
  });
  given('repetition-penalty', (text) => {
    options.repetitionPenalty = readNumber('repetition-penalty', text, { above: 0, to: 100 });
  });
  given('seed', (text) => {
    options.seed = readWholeNumber('seed', text, { from: 0, to: Number.MAX_SAFE_INTEGER });
  });
  return options;
}
