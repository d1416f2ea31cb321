/** Boxes on a picture, with their labels; pointing at one tells, and another place may light one up. */
import classes from './viewer.module.css';
import type { ViewerBox } from './viewer-types.ts';

interface BoxOverlayProps {
  boxes: readonly ViewerBox[];
  highlightedId: string | null;
  onHover(id: string | null): void;
}

const percent = (share: number) => `${share * 100}%`;

export function BoxOverlay({ boxes, highlightedId, onHover }: BoxOverlayProps) {
  return boxes.map(({ id, box, label }) => (
    <button
      key={id}
      type="button"
      className={classes.box}
      data-highlighted={id === highlightedId || undefined}
      // A picture's left is left in every language, so these are not logical.
      style={{
        left: percent(box.x),
        top: percent(box.y),
        width: percent(box.width),
        height: percent(box.height),
      }}
      onPointerEnter={() => onHover(id)}
      onPointerLeave={() => onHover(null)}
      onFocus={() => onHover(id)}
      onBlur={() => onHover(null)}
    >
      <span className={classes.boxLabel} dir="auto">
        {label}
      </span>
    </button>
  ));
}
