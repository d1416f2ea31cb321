/** Tells a person what went wrong, in their language. */
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { type AppErrorReport, reportError } from '../../preload/contract/errors.ts';

/**
 * A sentence for a fault. The service's own sentence is the most exact one, and English; other languages have one
 * sentence for each code.
 */
export function failureSentence(error: unknown): string {
  const report = isReport(error) ? error : reportError(error);
  if (i18next.resolvedLanguage === 'en') return report.message;
  return i18next.t(report.code, { ns: 'errors', defaultValue: report.message });
}

/** Shows it as a notification that stays until it is closed. */
export function showFailure(error: unknown): void {
  notifications.show({
    color: 'red',
    autoClose: false,
    withCloseButton: true,
    message: failureSentence(error),
  });
}

function isReport(error: unknown): error is AppErrorReport {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error;
}
