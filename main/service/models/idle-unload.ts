/** Gives a model's memory back when nobody has asked it anything for a while. */

export interface IdleUnload {
  /** Stops watching. */
  stop(): void;
}

const minuteMs = 60_000;
/** How often the clock is looked at: an unload may come this much late. */
const usualPollMs = 15_000;

/**
 * @param service.idleSinceMs when the model was last asked for, on `performance.now()`; null where none is loaded
 * @param service.minutes null: never
 * @param service.unload between answers; called again after the next poll where it fails
 */
export function watchIdleModel(
  service: {
    idleSinceMs: () => number | null;
    minutes: () => number | null;
    unload: () => Promise<unknown>;
  },
  { pollMs = usualPollMs, minuteLengthMs = minuteMs } = {},
): IdleUnload {
  let isUnloading = false;
  const look = async () => {
    const since = service.idleSinceMs();
    const minutes = service.minutes();
    if (isUnloading || since === null || minutes === null) return;
    if (performance.now() - since < minutes * minuteLengthMs) return;
    isUnloading = true;
    await service.unload().catch(() => {});
    isUnloading = false;
  };
  const timer = setInterval(() => void look(), pollMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
