/** The words after `npm start --`. */
import { parseArgs } from 'node:util';
import { AppError } from '../../../preload/contract/errors.ts';

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

/** @throws AppError `invalid_request` */
export function parseStart(argv: readonly string[]): StartCommand {
  const { values, positionals } = readArguments(argv);
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new AppError('invalid_request', 'A port is a number from 1 to 65535.');
  return { headless: values.headless ?? false, help: values.help ?? false, port, open: positionals };
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        headless: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
      },
    });
  } catch {
    throw new AppError('invalid_request', `That was not understood.\n${startUsage}`);
  }
}
