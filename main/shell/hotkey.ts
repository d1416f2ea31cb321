/** The global hotkey for a question about a part of the screen. */
import { globalShortcut } from 'electron';

/** Holds at most one hotkey; null lets go of it. A key that the system or another program keeps is not taken. */
export function createHotkey(onPress: () => void): (accelerator: string | null) => boolean {
  let held: string | null = null;
  return (accelerator) => {
    if (accelerator === held) return true;
    if (held !== null) globalShortcut.unregister(held);
    held = null;
    if (accelerator === null) return true;
    try {
      if (!globalShortcut.register(accelerator, onPress)) return false;
    } catch {
      return false; // not the name of a key
    }
    held = accelerator;
    return true;
  };
}
