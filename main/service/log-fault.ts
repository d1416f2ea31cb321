/** Writes a fault to the service's own log, without its message: that might hold a person's words. */
import { AppError } from '../../preload/contract/errors.ts';

export function logFault(error: unknown): void {
  if (!(error instanceof Error)) {
    console.error(`a fault of type ${typeof error}`);
    return;
  }
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = error instanceof AppError ? error.code : 'code' in error ? String(error.code) : '';
  console.error([`${error.name} ${code}`.trim(), ...places].join('\n'));
  if (error.cause !== undefined) logFault(error.cause);
}
