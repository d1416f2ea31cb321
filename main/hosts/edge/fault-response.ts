/** Faults as HTTP answers: the product's closed list of codes with the status that fits each best. */
import {
  AppError,
  type AppErrorCode,
  type AppErrorReport,
  reportError,
} from '../../../preload/contract/errors.ts';
import type { EdgeResponse } from './edge-types.ts';

const statuses: Partial<Record<AppErrorCode, number>> = {
  invalid_request: 400,
  access_denied: 401,
  password_needed: 403,
  path_refused: 404,
  not_found: 404,
  media_too_large: 413,
  media_unsupported: 415,
  media_broken: 422,
  child_gone: 503,
  store_busy: 503,
  offline: 503,
  disk_full: 507,
};

export function faultResponse(error: unknown, status?: number): EdgeResponse {
  const report = reportError(error);
  return jsonResponse({ error: report }, status ?? statuses[report.code] ?? 500);
}

export function refuse(status: number, code: AppErrorCode, sentence: string): EdgeResponse {
  return faultResponse(new AppError(code, sentence), status);
}

export function jsonResponse(
  value: { error: AppErrorReport } | Record<string, unknown>,
  status = 200,
): EdgeResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}
