/** Words of an answer that name a picture or a frame of the question: a click shows it. */
import { createContext, type ReactNode, useContext } from 'react';
import css from './markdown.module.css';

/** What the answer around can point at. */
export interface MentionedPlaces {
  /** How a place is called for who can't see it, such as "Frame 7, at 0:12"; null where there is none of this name. */
  labelOf(name: string): string | null;
  open(name: string): void;
}

export const MentionedPlacesContext = createContext<MentionedPlaces | null>(null);

export function PlaceMention({ name, children }: { name: string; children: ReactNode }) {
  const places = useContext(MentionedPlacesContext);
  const label = places?.labelOf(name) ?? null;
  if (!places || label === null) return children;
  return (
    <button type="button" className={css.placeMention} title={label} onClick={() => places.open(name)}>
      {children}
    </button>
  );
}
