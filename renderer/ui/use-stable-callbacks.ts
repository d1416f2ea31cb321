/** Callbacks that keep their identity while what they do stays new, so that what gets them need not redraw. */
import { useLayoutEffect, useRef, useState } from 'react';

/** The keys must not change. */
export function useStableCallbacks<C extends { [K in keyof C]: (...given: never[]) => unknown }>(
  callbacks: C,
): C {
  const newest = useRef(callbacks);
  useLayoutEffect(() => {
    newest.current = callbacks;
  });
  const [stable] = useState(() => {
    const call =
      (key: keyof C) =>
      (...given: never[]) =>
        newest.current[key](...given);
    return Object.fromEntries(Object.keys(callbacks).map((key) => [key, call(key as keyof C)])) as C;
  });
  return stable;
}
