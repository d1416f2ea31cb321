/** Settings, also while the store can't be used: the page needs a language and a theme to say so in. */
import { type Settings, type SettingsPatch, settingsSchema } from '../../preload/contract/settings.ts';
import type { AppEvents } from './app-events.ts';
import type { Stores } from './stores.ts';

export interface RememberedSettings {
  /** Defaults where the store can't be read. */
  get(): Settings;
  /** Saves and tells everybody. @throws AppError as the store does */
  update(patch: SettingsPatch): Settings;
  /** The same for what the app notes by itself: a store that can't be written is no reason to fail. */
  remember(patch: SettingsPatch): void;
}

export function rememberedSettings(stores: Stores, events: AppEvents): RememberedSettings {
  const update = (patch: SettingsPatch): Settings => {
    const settings = stores.kept().updateSettings(patch);
    events.publish({ type: 'settings-changed', settings });
    return settings;
  };
  return {
    get: () => (stores.state === 'ready' ? stores.kept().getSettings() : settingsSchema.parse({})),
    update,
    remember(patch) {
      try {
        update(patch);
      } catch {
        // Asked again next time.
      }
    },
  };
}
