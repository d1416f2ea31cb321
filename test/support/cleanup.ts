/** What is to be undone at the end, for tests (their context is one) and for benchmarks. */
export interface Cleanup {
  after(undo: () => unknown): void;
}

/** Runs work and then undoes, last first, what it asked to be undone; after a failure too. */
export async function withCleanup(work: (cleanup: Cleanup) => Promise<void>): Promise<void> {
  const undoing: (() => unknown)[] = [];
  try {
    await work({ after: (undo) => undoing.push(undo) });
  } finally {
    for (const undo of undoing.toReversed()) await undo();
  }
}
