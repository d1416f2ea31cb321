/** A desktop notification when a long answer is done and nobody is looking. */
import { type BrowserWindow, Notification } from 'electron';

/** Shown notifications are held here: one that is collected forgets its click. */
const shown = new Set<Notification>();

export function notifyAnswer(
  { title, body }: { title: string; body: string },
  { window, onClick }: { window: BrowserWindow | null; onClick: () => void },
): void {
  if (window?.isFocused() || !Notification.isSupported()) return;
  const notification = new Notification({ title, body, silent: true });
  const forget = () => void shown.delete(notification);
  notification.on('click', () => {
    forget();
    onClick();
  });
  notification.on('close', forget);
  shown.add(notification);
  notification.show();
}
