/** The settings as the whole app follows them: theme, language and size of text. */
import { useEffect, useState } from 'react';
import type { Settings } from '../preload/contract/settings.ts';
import { api } from './api.ts';
import { useAppEvent } from './app-events.ts';
import { showLanguage } from './i18n/index.ts';

/** Null until they are read. */
export function useAppSettings(): Settings | null {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    api.getSettings({}).then(setSettings, () => {});
  }, []);
  useAppEvent((event) => {
    if (event.type === 'settings-changed') setSettings(event.settings);
  });
  const language = settings?.language;
  const textScale = settings?.textScale;
  useEffect(() => {
    if (language) void showLanguage(language);
  }, [language]);
  useEffect(() => {
    document.documentElement.style.fontSize = textScale && textScale !== 1 ? `${textScale * 100}%` : '';
  }, [textScale]);
  return settings;
}
