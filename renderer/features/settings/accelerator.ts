/** Key combinations as Electron's global shortcuts name them: "CommandOrControl+Shift+X". */

export interface PressedKeys {
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  /** Physical key, as in KeyboardEvent.code. */
  code: string;
}

const namedKeys: Record<string, string> = {
  Space: 'Space',
  PrintScreen: 'PrintScreen',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
};

/** The combination's name, or null while it is incomplete: it needs a key, and Ctrl, Cmd or Alt unless the key is F1 … F24. */
export function acceleratorOf(keys: PressedKeys): string | null {
  const key = keyName(keys.code);
  if (key === null) return null;
  const isMain = keys.ctrlKey || keys.metaKey;
  const standsAlone = /^F\d+$/.test(key) || key === 'PrintScreen';
  if (!isMain && !keys.altKey && !standsAlone) return null;
  return [
    ...(isMain ? ['CommandOrControl'] : []),
    ...(keys.altKey ? ['Alt'] : []),
    ...(keys.shiftKey ? ['Shift'] : []),
    key,
  ].join('+');
}

/** The same for eyes: "⌘ ⇧ X" on a Mac, "Ctrl + Shift + X" elsewhere. */
export function acceleratorKeys(accelerator: string, isMac: boolean): string[] {
  const names: Record<string, string> = isMac
    ? { CommandOrControl: '⌘', Alt: '⌥', Shift: '⇧' }
    : { CommandOrControl: 'Ctrl' };
  return accelerator.split('+').map((part) => names[part] ?? part);
}

function keyName(code: string): string | null {
  const letter = /^(?:Key([A-Z])|Digit(\d)|(F\d{1,2}))$/.exec(code);
  return letter?.[1] ?? letter?.[2] ?? letter?.[3] ?? namedKeys[code] ?? null;
}
