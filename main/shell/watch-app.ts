/** What the shell itself must know of the app: its settings and its model's state, told as they change. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelState } from '../../preload/contract/models.ts';
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts';
import type { AppHost } from '../hosts/app-host.ts';
import { enterAsPage } from '../hosts/enter-as-page.ts';

const retryMs = 1000;

/** Watches until the signal is aborted; begins anew when the service has died meanwhile. */
export async function watchApp(
  host: AppHost,
  listener: { onSettings(settings: Settings): void; onModel(state: ModelState['state']): void },
  signal: AbortSignal,
): Promise<void> {
  const { client, leave } = enterAsPage(host);
  signal.addEventListener('abort', leave, { once: true });
  while (!signal.aborted) {
    try {
      listener.onSettings(await client.getSettings({}).catch(() => settingsSchema.parse({})));
      for await (const event of client.watchApp({}, signal)) {
        if (event.type === 'settings-changed') listener.onSettings(event.settings);
        if (event.type === 'model-state') listener.onModel(event.model.state);
      }
    } catch {
      // the service died: what it says of itself is told elsewhere
    }
    await sleep(retryMs, undefined, { signal }).catch(() => {});
  }
}
