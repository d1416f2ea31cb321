/** What happens in the app, told to every page that watches. */
import { createBroadcast } from '../../native-models/process/broadcast.ts';
import type { AppEvent } from '../../preload/contract/system.ts';

export interface AppEvents {
  publish(event: AppEvent): void;
  /** Events from now on, until the signal is aborted. */
  watch(signal: AbortSignal): AsyncIterable<AppEvent>;
}

export function createAppEvents(): AppEvents {
  const { put, watch } = createBroadcast<AppEvent>();
  return { publish: put, watch: (signal) => watch(signal) };
}
