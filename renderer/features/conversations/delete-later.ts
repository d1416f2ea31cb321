/**
 * Deletes after a while, so that a slip can be taken back, although the store deletes for good. What waits is noted, so
 * that closing the window in between never keeps what a person was told is deleted.
 */

export interface DeleteLater {
  /** Notes the deletion and carries it out after the delay. */
  add(id: string): void;
  /** Takes it back; false where it was too late. */
  undo(id: string): boolean;
  isWaiting(id: string): boolean;
  /** Carries out everything that waits, at once: the page is about to go. */
  flush(): void;
}

export interface DeleteLaterParts {
  carryOut: (id: string) => Promise<unknown>;
  /** Survives the page; what stands in it at start is carried out. */
  notes: { read(): string[]; write(ids: string[]): void };
  delayMs: number;
  onChange: () => void;
}

export function deleteLater({ carryOut, notes, delayMs, onChange }: DeleteLaterParts): DeleteLater {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const underway = new Set<string>();

  const run = (id: string) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
    underway.add(id);
    carryOut(id)
      .then(() => notes.write(notes.read().filter((other) => other !== id)))
      // Stays noted: the next start tries again.
      .catch(() => {})
      .finally(() => {
        underway.delete(id);
        onChange();
      });
  };

  for (const id of notes.read()) run(id);
  return {
    add(id) {
      if (timers.has(id) || underway.has(id)) return;
      notes.write([...notes.read(), id]);
      timers.set(
        id,
        setTimeout(() => run(id), delayMs),
      );
      onChange();
    },
    undo(id) {
      if (!timers.has(id)) return false;
      clearTimeout(timers.get(id));
      timers.delete(id);
      notes.write(notes.read().filter((other) => other !== id));
      onChange();
      return true;
    },
    isWaiting: (id) => timers.has(id) || underway.has(id),
    flush() {
      for (const id of [...timers.keys()]) run(id);
    },
  };
}
