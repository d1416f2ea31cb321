/** Remembers what was made last, up to a total size; what was used longest ago goes first. */

export interface SizedCache<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  clear(): void;
}

export function createSizedCache<T>(mostInAll: number, sizeOf: (value: T) => number): SizedCache<T> {
  const entries = new Map<string, T>();
  let inAll = 0;
  const remove = (key: string) => {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    inAll -= sizeOf(value);
  };
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value); // a Map remembers the order of setting
      return value;
    },
    put(key, value) {
      remove(key);
      if (sizeOf(value) > mostInAll) return;
      entries.set(key, value);
      inAll += sizeOf(value);
      for (const oldest of entries.keys()) {
        if (inAll <= mostInAll) return;
        remove(oldest);
      }
    },
    clear() {
      entries.clear();
      inAll = 0;
    },
  };
}
