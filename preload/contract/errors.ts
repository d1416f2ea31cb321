/** The closed list of faults the product knows, and the one error type that crosses every border. */

/** Every code a caller may meet. Abort is not among them: it is an outcome, with what was done kept. */
export const appErrorCodes = [
  'invalid_request', // the caller's input breaks the contract or a documented limit
  'not_found', // the named thing does not exist
  'path_refused', // a file name leaves its folder or is no plain file
  'file_unreadable', // the system refused to read the file, or it vanished
  'media_unsupported', // the file is of no kind the product reads
  'media_broken', // the file's kind is known but its content cannot be decoded
  'password_needed', // the file is encrypted and no or a wrong password was given
  'profile_readonly', // the app may not write to its own folder
  'store_damaged', // the conversation database is damaged; it can be repaired
  'store_busy', // another process uses the conversation database
  'media_too_large', // more pixels, bytes, pages or frames than the limits allow
  'checkpoint_broken', // a checkpoint file is truncated, malformed or contradicts itself
  'checkpoint_unsupported', // a well-formed checkpoint of an architecture the product cannot run
  'tensor_missing', // the checkpoint lacks a tensor its config promises
  'tensor_mismatch', // a tensor's shape or type differs from what its config promises
  'model_folder_broken', // a converted model folder is incomplete, altered or of another recipe
  'network_failed', // a machine that was to be reached did not answer, or the connection broke
  'access_denied', // the other side wants a token, or refuses this one
  'offline', // the person set the app to stay offline, and this needs the network
  'download_corrupt', // what arrived is not what was promised
  'disk_full', // not enough free space to finish
  'out_of_memory', // not enough memory to finish
  'context_too_long', // the prompt does not fit into the model's context
  'device_unavailable', // the asked execution provider cannot run here
  'child_gone', // a child process died while it was working on the request
  'timed_out', // the work took longer than its limit
  'internal', // a fault of the product itself
] as const;

export type AppErrorCode = (typeof appErrorCodes)[number];

/** The plain form of an error, as it crosses process borders and as `--json` prints it. */
export interface AppErrorReport {
  code: AppErrorCode;
  message: string;
  retryable: boolean;
}

/**
 * A fault with a code from the closed list and a sentence a person can act on.
 * The sentence never holds stacks, memory addresses, keys or text of a conversation.
 */
export class AppError extends Error {
  readonly code: AppErrorCode;
  readonly retryable: boolean;

  /** @param options.retryable whether the same request may succeed when sent again; default false */
  constructor(code: AppErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** Turns anything thrown into the plain form; a fault that is not an AppError becomes `internal` and hides its text. */
export function reportError(error: unknown): AppErrorReport {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, retryable: error.retryable };
  }
  return {
    code: 'internal',
    message: 'Something went wrong inside the app. Try again; if it stays, please report it.',
    retryable: true,
  };
}

/** Rebuilds the error on the receiving side of a border. */
export function errorFromReport(report: AppErrorReport): AppError {
  return new AppError(report.code, report.message, { retryable: report.retryable });
}
