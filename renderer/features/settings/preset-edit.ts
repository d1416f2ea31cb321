/** Changes to the list of presets, each giving a new list. */
import type { Preset } from '../../../preload/contract/settings.ts';

/** A name that no preset has yet: "Name", "Name 2", "Name 3" … */
function freeName(presets: readonly Preset[], wanted: string): string {
  const taken = new Set(presets.map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted} ${count}`;
  return name;
}

export function addPreset(presets: readonly Preset[], name: string): Preset[] {
  return [...presets, { name: freeName(presets, name), systemText: null, sampling: {} }];
}

export function replacePreset(presets: readonly Preset[], at: number, preset: Preset): Preset[] {
  return presets.map((known, index) => (index === at ? preset : known));
}

export function removePreset(presets: readonly Preset[], at: number): Preset[] {
  return presets.filter((_, index) => index !== at);
}

/** Why a preset can't be kept, or null. */
export function presetFault(
  presets: readonly Preset[],
  at: number,
  preset: Preset,
): 'empty' | 'taken' | null {
  const name = preset.name.trim();
  if (name === '') return 'empty';
  return presets.some((known, index) => index !== at && known.name === name) ? 'taken' : null;
}
