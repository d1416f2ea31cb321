/** The settings, kept true by events; a change shows at once and goes back when it could not be kept. */
import { useEffect, useState } from 'react';
import type { Settings, SettingsPatch } from '../../../preload/contract/settings.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { showFailure } from '../../ui/show-failure.ts';

export interface SettingsControl {
  /** Null until they are known. */
  settings: Settings | null;
  change(patch: SettingsPatch): void;
}

export function useSettings(): SettingsControl {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    api.getSettings({}).then(setSettings, showFailure);
  }, []);
  useAppEvent((event) => {
    if (event.type === 'settings-changed') setSettings(event.settings);
  });
  return {
    settings,
    change(patch) {
      const before = settings;
      setSettings((known) => known && { ...known, ...patch });
      api.updateSettings({ patch }).catch((error) => {
        setSettings(before);
        showFailure(error);
      });
    },
  };
}
