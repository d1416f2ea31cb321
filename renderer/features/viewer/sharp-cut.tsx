/** Draws the visible part of an enlarged page or frame afresh, so that small print is sharp however far one zooms. */
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { Attachment, Box } from '../../../preload/contract/attachments.ts';
import { cutAddress } from './place-words.ts';
import type { ViewControl } from './use-view-transform.ts';
import { visibleBox } from './view-transform.ts';
import classes from './viewer.module.css';
import type { ViewerPlace } from './viewer-types.ts';

interface SharpCutProps {
  attachment: Attachment;
  place: ViewerPlace;
  control: ViewControl;
}

const restMs = 250;
const maxSide = 2048;
/** Below this the picture that is there is sharp enough. */
const leastScale = 1.2;

export function SharpCut({ attachment, place, control }: SharpCutProps) {
  const { view, picture, viewport } = control;
  const wanted = picture && view.scale * window.devicePixelRatio > leastScale;
  const [resting] = useDebouncedValue(wanted ? visibleBox(view, picture, viewport) : null, restMs);
  const [loaded, setLoaded] = useState<string | null>(null);
  if (!wanted || !resting || resting.width <= 0 || resting.height <= 0) return null;
  const box = rounded(resting);
  const address = cutAddress(attachment.id, place, box, maxSide);
  return (
    <img
      className={classes.cut}
      src={address}
      alt=""
      data-hidden={loaded !== address || undefined}
      style={{
        left: `${box.x * 100}%`,
        top: `${box.y * 100}%`,
        width: `${box.width * 100}%`,
        height: `${box.height * 100}%`,
      }}
      onLoad={() => setLoaded(address)}
    />
  );
}

function rounded(box: Box): Box {
  const round = (share: number) => Math.round(share * 1000) / 1000;
  return {
    x: round(box.x),
    y: round(box.y),
    width: round(box.width),
    height: round(box.height),
  };
}
