/** The words after `npm start --`. */
import { readOptions, readPort } from '../read-options.ts';

export interface StartCommand {
  headless: boolean;
  help: boolean;
  /** 0 takes a free one. Headless only. */
  port: number;
  /** Pictures, PDFs and films to open, and `internvl://` links. */
  open: string[];
}

export const startUsage = `npm start                         opens InternVL Desktop
npm start -- FILE…                opens it with pictures, PDFs or films
npm start -- --headless           serves it to a browser on this machine instead
npm start -- --headless --port N  … at a port of your choice
`;

const options = {
  headless: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
} as const;

/** @throws AppError `invalid_request` with a sentence that names the argument */
export function parseStart(argv: readonly string[]): StartCommand {
  const { values, positionals } = readOptions(argv, options);
  const { headless = false, help = false, port = '0' } = values;
  return { headless, help, port: readPort('port', port), open: positionals };
}
