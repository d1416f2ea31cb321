/** The little that features share without knowing each other: which box is pointed at, in an answer or on a picture. */
import { useSyncExternalStore } from 'react';

let pointedAt: string | null = null;
const listeners = new Set<() => void>();

/** Boxes are named by their answer and number, so that no two are alike on a page. */
export function pointAtBox(id: string | null): void {
  if (id === pointedAt) return;
  pointedAt = id;
  for (const listener of listeners) listener();
}

export function usePointedBox(): string | null {
  return useSyncExternalStore(subscribe, () => pointedAt);
}

/** Redraws only when this box is pointed at, or no longer. */
export function useIsPointedAt(id: string): boolean {
  return useSyncExternalStore(subscribe, () => pointedAt === id);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
