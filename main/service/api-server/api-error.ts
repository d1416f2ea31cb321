/** Faults as OpenAI's clients know them: a status, a type, a code and the sentence. */
import { AppError, type AppErrorCode, reportError } from '../../../preload/contract/errors.ts';

export interface ApiFault {
  status: 400 | 401 | 403 | 404 | 413 | 415 | 429 | 500 | 503 | 504 | 507;
  type: string;
  code: string;
  message: string;
}

/** A refusal of the server's own, such as a missing token. */
export class ApiRefusal extends Error {
  readonly fault: ApiFault;
  constructor(fault: ApiFault) {
    super(fault.message);
    this.name = 'ApiRefusal';
    this.fault = fault;
  }
}

const statusOf: Partial<Record<AppErrorCode, ApiFault['status']>> = {
  invalid_request: 400,
  context_too_long: 400,
  media_unsupported: 400,
  media_broken: 400,
  media_too_large: 413,
  password_needed: 400,
  not_found: 404,
  timed_out: 504,
  disk_full: 507,
  out_of_memory: 503,
  child_gone: 503,
  device_unavailable: 503,
  offline: 503,
};

/** @param error anything thrown; what is no AppError tells nothing of itself */
export function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiRefusal) return error.fault;
  const report = reportError(error);
  const status = statusOf[report.code] ?? 500;
  const code = report.code === 'context_too_long' ? 'context_length_exceeded' : report.code;
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  return { status, type, code, message: report.message };
}

export function refuse(status: ApiFault['status'], code: string, message: string): ApiRefusal {
  const type =
    status === 401 ? 'authentication_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error';
  return new ApiRefusal({ status, type, code, message });
}

export function invalid(message: string): AppError {
  return new AppError('invalid_request', message);
}
