/** Words of an answer that point at a box on the picture: pointing at them lights the box up, and the other way. */
import type { ReactNode } from 'react';
import { pointAtBox, useIsPointedAt } from '../../app-state.ts';
import css from './markdown.module.css';

interface BoxMentionProps {
  id: string;
  children: ReactNode;
}

export function BoxMention({ id, children }: BoxMentionProps) {
  const isPointedAt = useIsPointedAt(id);
  return (
    <button
      type="button"
      className={css.boxMention}
      data-pointed={isPointedAt || undefined}
      onPointerEnter={() => pointAtBox(id)}
      onPointerLeave={() => pointAtBox(null)}
      onFocus={() => pointAtBox(id)}
      onBlur={() => pointAtBox(null)}
    >
      {children}
    </button>
  );
}
