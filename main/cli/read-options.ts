/** What all command lines share: options read strictly, their values checked, and a sentence where one was meant otherwise. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { AppError } from '../../preload/contract/errors.ts';
import { type Precision, precisionSchema } from '../../preload/contract/precision.ts';

export function refuse(sentence: string): AppError {
  return new AppError('invalid_request', sentence);
}

/** @throws AppError `invalid_request` for an unknown option, and for a value that is missing or not wanted */
export function readOptions<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it can not be read';
    throw refuse(
      `The command line is not understood: ${reason.replace(/\.?$/, '.')} --help lists the options.`,
    );
  }
}

/** @throws AppError `invalid_request` */
export function readPrecision(text: string): Precision {
  return readChoice('precision', text, precisionSchema.options);
}

/** @throws AppError `invalid_request` */
export function readChoice<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw refuse(`--${name} is one of ${allowed.join(', ')}, not "${text}".`);
  return found;
}

/** @throws AppError `invalid_request` */
export function readWholeNumber(
  name: string,
  text: string,
  { from, to }: { from: number; to: number },
): number {
  const value = parseNumber(text);
  if (Number.isSafeInteger(value) && value >= from && value <= to) return value;
  throw refuse(`--${name} is a whole number from ${from} to ${to}, not "${text}".`);
}

/** 0 takes a free one. @throws AppError `invalid_request` */
export function readPort(name: string, text: string): number {
  return readWholeNumber(name, text, { from: 0, to: 65_535 });
}

/** @throws AppError `invalid_request` */
export function readNumber(
  name: string,
  text: string,
  limits: { from: number; to: number } | { above: number; to: number },
): number {
  const value = parseNumber(text);
  const isHighEnough = 'above' in limits ? value > limits.above : value >= limits.from;
  if (isHighEnough && value <= limits.to) return value;
  const range = 'above' in limits ? `above ${limits.above} and up` : `from ${limits.from}`;
  throw refuse(`--${name} is a number ${range} to ${limits.to}, not "${text}".`);
}

/** As people write numbers: `Number` would take "" for 0 and "0x10" for 16. */
function parseNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
