/** How answers are written, in the names LMDeploy's GenerationConfig and the model card use. */
import { AppError } from '../../preload/contract/errors.ts';
import type { AnswerFormat, GenerationOptions } from '../inference/generation-types.ts';

/** Source of names and meaning: lmdeploy/messages.py, GenerationConfig. */
export interface GenerationConfig {
  /** Answers to one prompt, written side by side; default 1, at most 16. */
  n?: number;
  /** Default 1024, or what the context leaves. */
  max_new_tokens?: number;
  /** false takes the likeliest token whatever else is set; default: true where a temperature is set. */
  do_sample?: boolean;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  min_p?: number;
  repetition_penalty?: number;
  /** Default: a new one for each answer. */
  random_seed?: number;
  /** Texts that end the answer; they are not part of it. */
  stop_words?: string[];
  /** Log-probabilities of each token beside this many of the likeliest, at most 20. */
  logprobs?: number;
  response_format?:
    | { type: 'text' }
    | { type: 'json_object' }
    | { type: 'json_schema'; json_schema: { name?: string; schema: unknown } }
    | { type: 'regex_schema'; regex_schema: string };
}

const known = new Set<string>([
  'n',
  'max_new_tokens',
  'do_sample',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repetition_penalty',
  'random_seed',
  'stop_words',
  'logprobs',
  'response_format',
] satisfies (keyof GenerationConfig)[]);

/** What `do_sample` alone means: transformers' default. */
const plainTemperature = 1;
const mostAnswers = 16;
const mostLogprobs = 20;

/** @throws AppError `invalid_request` naming a field that is unknown or out of its range */
export function generationOptionsOf(config: GenerationConfig = {}): GenerationOptions {
  for (const name of Object.keys(config)) {
    if (!known.has(name)) throw refused(`“${name.slice(0, 60)}” is not known here`);
  }
  const { n, temperature, top_p: topP, top_k: topK, min_p: minP, repetition_penalty: penalty } = config;
  requireRange('n', n, [1, mostAnswers]);
  requireRange('max_new_tokens', config.max_new_tokens, [1, Number.MAX_SAFE_INTEGER]);
  requireRange('temperature', temperature, [0, 100]);
  requireRange('top_p', topP, [0, 1]);
  requireRange('min_p', minP, [0, 1]);
  requireRange('repetition_penalty', penalty, [0, 100]);
  requireRange('logprobs', config.logprobs, [0, mostLogprobs]);
  const samples = config.do_sample ?? (temperature ?? 0) > 0;
  return {
    ...(n !== undefined && { n }),
    ...(config.max_new_tokens !== undefined && { maxNewTokens: config.max_new_tokens }),
    temperature: samples ? (temperature ?? plainTemperature) : 0,
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK: Math.max(0, topK) }),
    ...(minP !== undefined && { minP }),
    ...(penalty !== undefined && { repetitionPenalty: penalty }),
    seed: config.random_seed ?? Math.floor(Math.random() * 2 ** 32),
    ...(config.stop_words && { stopStrings: config.stop_words }),
    ...(config.logprobs !== undefined && { topLogprobs: config.logprobs }),
    ...formatOf(config.response_format),
  };
}

function formatOf(format: GenerationConfig['response_format']): { answerFormat?: AnswerFormat } {
  switch (format?.type) {
    case 'json_object':
      return { answerFormat: { type: 'json' } };
    case 'json_schema':
      return { answerFormat: { type: 'json-schema', schema: format.json_schema.schema } };
    case 'regex_schema':
      return { answerFormat: { type: 'regex', pattern: format.regex_schema } };
    case 'text':
    case undefined:
      return {};
    default:
      throw refused('response_format is of no known type');
  }
}

function requireRange(name: string, value: number | undefined, [least, most]: [number, number]): void {
  if (value === undefined || (value >= least && value <= most)) return;
  throw refused(`${name} must lie between ${least} and ${most}`);
}

function refused(why: string): AppError {
  return new AppError('invalid_request', `The generation config can't be used: ${why}.`);
}
