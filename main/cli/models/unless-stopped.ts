/** Ctrl-C is an outcome, not a fault. */

/** @returns null where the work ended because of the signal */
export async function unlessStopped<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
