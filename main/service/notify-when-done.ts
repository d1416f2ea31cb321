/** Tells the person about a long answer that is done, where they asked for it; the host knows whether they are looking. */
import type { RunningAnswer } from './answering/running-answer.ts';
import type { ShellClient } from './host-contract.ts';
import type { RememberedSettings } from './remembered-settings.ts';

/** Shorter answers are waited for. */
const longAnswerMs = 10_000;

export function notifyWhenDone(service: {
  shell: ShellClient;
  settings: RememberedSettings;
}): (answer: RunningAnswer, tookMs: number) => void {
  const { shell, settings } = service;
  return (answer, tookMs) => {
    if (tookMs < longAnswerMs || answer.stopCause !== null || !settings.get().notifyWhenDone) return;
    const { conversationId, store } = answer;
    if (!store.hasConversation(conversationId)) return;
    const { title } = store.getConversation(conversationId);
    void shell.notifyAnswer({ title: title.slice(0, 200), conversationId }).catch(() => {});
  };
}
