/** Languages of the app: every visible word has a key, every key its word in English, Chinese and German. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Settings } from '../../preload/contract/settings.ts';
import { chat as chatDe } from './de/chat.ts';
import { conversations as conversationsDe } from './de/conversations.ts';
import { errors as errorsDe } from './de/errors.ts';
import { models as modelsDe } from './de/models.ts';
import { remote as remoteDe } from './de/remote.ts';
import { settings as settingsDe } from './de/settings.ts';
import { viewer as viewerDe } from './de/viewer.ts';
import { chat } from './en/chat.ts';
import { conversations } from './en/conversations.ts';
import { models } from './en/models.ts';
import { remote } from './en/remote.ts';
import { settings } from './en/settings.ts';
import { viewer } from './en/viewer.ts';
import { chat as chatZh } from './zh/chat.ts';
import { conversations as conversationsZh } from './zh/conversations.ts';
import { errors as errorsZh } from './zh/errors.ts';
import { models as modelsZh } from './zh/models.ts';
import { remote as remoteZh } from './zh/remote.ts';
import { settings as settingsZh } from './zh/settings.ts';
import { viewer as viewerZh } from './zh/viewer.ts';

/** English has no errors of its own: there the app's own sentence is shown, which is the most exact one. */
export const resources = {
  en: { chat, conversations, models, remote, settings, viewer },
  zh: {
    chat: chatZh,
    conversations: conversationsZh,
    errors: errorsZh,
    models: modelsZh,
    remote: remoteZh,
    settings: settingsZh,
    viewer: viewerZh,
  },
  de: {
    chat: chatDe,
    conversations: conversationsDe,
    errors: errorsDe,
    models: modelsDe,
    remote: remoteDe,
    settings: settingsDe,
    viewer: viewerDe,
  },
};

export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources,
    lng: systemLanguage(),
    fallbackLng: 'en',
    interpolation: { escapeValue: false }, // React escapes
  });
}

/** Shows the app in the language of the settings; `system` follows the browser's or the system's. */
export async function showLanguage(language: Settings['language']): Promise<void> {
  await i18next.changeLanguage(language === 'system' ? systemLanguage() : language);
  document.documentElement.lang = i18next.resolvedLanguage ?? 'en';
  document.documentElement.dir = i18next.dir();
}

function systemLanguage(): string {
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in resources);
  return known ?? 'en';
}
