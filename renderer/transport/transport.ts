/** How a page's requests reach the app; api.ts makes endpoints of it. */
import {
  AppError,
  type AppErrorReport,
  appErrorCodes,
  errorFromReport,
} from '../../preload/contract/errors.ts';

export interface Transport {
  /** Values of one request until its end. Leaving the loop or aborting cancels it. @throws AppError */
  open(name: string, input: unknown, signal?: AbortSignal): AsyncGenerator<unknown, void, void>;
  /** Hands a file over. @returns the upload's id @throws AppError */
  upload(file: File, how: UploadOptions): Promise<string>;
}

export interface UploadOptions {
  /** Bytes that lie on no disk yet are not written down on their way either; for a temporary conversation. */
  inMemory?: boolean;
}

/** What came over the border as an error; codes that this page does not know are the app's own fault. */
export function readFault(report: { code: string; message: string; retryable: boolean }): AppError {
  const code = appErrorCodes.find((known) => known === report.code) ?? 'internal';
  return errorFromReport({ ...report, code } satisfies AppErrorReport);
}

/** The host is gone, or another one has taken its place. */
export function hostGone(): AppError {
  return new AppError('child_gone', 'The app does not answer. Start it again and reload this page.', {
    retryable: true,
  });
}

/** Bytes of a file go the same way everywhere. */
export async function putUpload(file: File, { inMemory = false }: UploadOptions): Promise<string> {
  const query = new URLSearchParams({ name: file.name, ...(inMemory && { to: 'memory' }) });
  const response = await fetch(`/upload?${query}`, {
    method: 'PUT',
    body: file,
  }).catch(() => {
    throw hostGone();
  });
  const answer = (await response.json().catch(() => null)) as {
    uploadId?: string;
    error?: { code: string; message: string; retryable: boolean };
  } | null;
  if (answer?.uploadId !== undefined) return answer.uploadId;
  throw answer?.error ? readFault(answer.error) : hostGone();
}
