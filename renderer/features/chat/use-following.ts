/** Keeps the end of the messages in sight while they grow or the window changes, until a person moves away from it. */
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useStableCallbacks } from '../../ui/use-stable-callbacks.ts';

/** Within this many pixels of the end, the view follows it. */
const nearEndPx = 120;
/** So long after a person's hand moved upwards nothing is scrolled against it. */
const handMs = 400;

export interface Following {
  isFollowing: boolean;
  setFollowing(isFollowing: boolean): void;
  toEnd(): void;
  /** To be called at every scrolling, whoever causes it. */
  noteScroll(): void;
  /** To be called when a wheel or a finger moves. */
  noteHand(event: { deltaY: number } | { touches: unknown }): void;
}

/**
 * Measures the elements themselves: a list that is drawn in parts learns of its new size only after the window has moved.
 * @param frame whose first child scrolls, with one child that is as high as all messages
 */
export function useFollowing(frame: RefObject<HTMLElement | null>, startsAtEnd: boolean): Following {
  const [isFollowing, setShown] = useState(startsAtEnd);
  /** Known at once, where what is shown comes with the next drawing. */
  const follows = useRef(startsAtEnd);
  const seen = useRef({ top: 0, scrollHeight: 0, clientHeight: 0 });
  const handAtMs = useRef(Number.NEGATIVE_INFINITY);
  const later = useRef<number>(undefined);
  const setFollowing = (next: boolean) => {
    follows.current = next;
    setShown(next);
  };
  const view = () => frame.current?.firstElementChild;
  const isHandOn = () => performance.now() - handAtMs.current < handMs;
  const toEnd = () => {
    const list = view();
    if (list) list.scrollTop = list.scrollHeight;
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: what else is read here is the same elements all along
  useEffect(() => {
    const list = view();
    const content = list?.firstElementChild;
    if (!list || !content || !isFollowing) return;
    const watch = new ResizeObserver(() => {
      if (follows.current && !isHandOn()) toEnd();
    });
    watch.observe(content);
    watch.observe(list); // a smaller window hides the end
    return () => watch.disconnect();
  }, [isFollowing]);
  useEffect(() => () => clearTimeout(later.current), []);

  const callbacks = useStableCallbacks({
    setFollowing,
    toEnd,
    noteScroll() {
      const list = view();
      if (!list) return;
      const { scrollTop: top, scrollHeight, clientHeight } = list;
      const { current: before } = seen;
      // Rows and windows of another size move the view too.
      const isSameSize = scrollHeight === before.scrollHeight && clientHeight === before.clientHeight;
      seen.current = { top, scrollHeight, clientHeight };
      if (scrollHeight - clientHeight - top < nearEndPx) setFollowing(true);
      else if (top < before.top && (isSameSize || isHandOn())) setFollowing(false);
      else if (follows.current && !isHandOn()) toEnd();
    },
    noteHand(event: { deltaY: number } | { touches: unknown }) {
      if ('deltaY' in event && event.deltaY >= 0) return;
      handAtMs.current = performance.now();
      clearTimeout(later.current);
      later.current = window.setTimeout(() => {
        if (follows.current) toEnd();
      }, handMs);
    },
  });
  return { isFollowing, ...callbacks };
}
