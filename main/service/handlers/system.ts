/** The app itself: what it is, what happens in it, settings, repair, and the powers of the shell. */
import type { Handlers } from '../../../preload/contract/define.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { AppDescription, systemContract } from '../../../preload/contract/system.ts';
import type { AppEvents } from '../app-events.ts';
import type { ConversationCaches } from '../conversation-caches.ts';
import type { ShellClient } from '../host-contract.ts';
import type { LoadedModels } from '../models/loaded-model.ts';
import type { RememberedSettings } from '../remembered-settings.ts';
import type { Stores } from '../stores.ts';

const openableSchemes = new Set(['https:', 'http:', 'mailto:']);

export function systemHandlers(service: {
  version: string;
  stores: Stores;
  settings: RememberedSettings;
  caches: ConversationCaches;
  models: LoadedModels;
  events: AppEvents;
  shell: ShellClient;
}): Handlers<typeof systemContract> {
  const { version, stores, settings, caches, models, events, shell } = service;

  return {
    async describeApp() {
      await stores.retry();
      const { host, can } = await shell.describeShell({});
      const { state, interruptedAnswers } = stores;
      return {
        version,
        host,
        platform: platformName(process.platform),
        store: state,
        interruptedAnswers,
        can,
      };
    },
    async *watchApp(_, signal) {
      const happening = events.watch(signal);
      yield { type: 'model-state', model: models.state };
      yield* happening;
    },
    getSettings: async () => settings.get(),
    async updateSettings({ patch }) {
      const updated = settings.update(patch);
      if (patch.cacheGigabytes === 0) await caches.clear();
      return updated;
    },
    measureCaches: async () => ({ sizeBytes: await caches.measure() }),
    async clearCaches() {
      await caches.clear();
      return {};
    },
    async repairStore() {
      const report = await stores.repair();
      events.publish({ type: 'conversations-changed', conversationId: null });
      events.publish({ type: 'settings-changed', settings: settings.get() });
      return report;
    },
    async openLink({ url }) {
      await shell.openExternalLink({ url: openableUrl(url) });
      return {};
    },
    chooseFolder: (_, signal) => shell.chooseFolder({}, signal),
    captureRegion: (_, signal) => shell.captureRegion({}, signal),
  };
}

/** The address in the form in which it is checked and opened, so that both see the same. */
function openableUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const hasControls = /[\p{Cc}\\]/u.test(url);
  if (!parsed || hasControls || !openableSchemes.has(parsed.protocol)) {
    throw new AppError('invalid_request', 'Only addresses that begin with https, http or mailto are opened.');
  }
  return parsed.href;
}

function platformName(platform: NodeJS.Platform): AppDescription['platform'] {
  return platform === 'win32' || platform === 'darwin' || platform === 'linux' ? platform : 'other';
}
