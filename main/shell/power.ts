/** Keeps the system awake while an answer is being written; the display may go dark. */
import { powerSaveBlocker } from 'electron';

export function createWakefulness(): (awake: boolean) => void {
  let blocker: number | null = null;
  return (awake) => {
    if (awake && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!awake && blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}
