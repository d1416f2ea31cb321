/** The one place where an address leaves the app: judged, shown to the person, then handed to the system. */
import { type BrowserWindow, dialog, shell } from 'electron';
import { AppError } from '../../preload/contract/errors.ts';
import { judgeLink } from './links.ts';
import type { ShellTexts } from './shell-texts.ts';

/** @throws AppError `invalid_request` for an address that is never opened */
export async function openLink(
  address: unknown,
  { window, texts }: { window: BrowserWindow | null; texts: ShellTexts },
): Promise<void> {
  const verdict = judgeLink(address);
  if (!verdict.allowed)
    throw new AppError('invalid_request', 'Only addresses that begin with https, http or mailto are opened.');
  const question = {
    type: 'question' as const,
    buttons: [texts.cancel, texts.openLink],
    defaultId: 1,
    cancelId: 0,
    message: texts.openLinkQuestion(verdict.shownHost),
    detail: verdict.href,
    noLink: true,
  };
  const { response } = window
    ? await dialog.showMessageBox(window, question)
    : await dialog.showMessageBox(question);
  if (response === 1) await shell.openExternal(verdict.href);
}
