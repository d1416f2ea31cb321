/** A picture, a document's page or a film's frame, large: to look closely, to see where an answer points, to ask about a part. */
import { useMediaQuery } from '@mantine/hooks';
import { type KeyboardEvent, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BoxOverlay } from './box-overlay.tsx';
import { FrameStrip } from './frame-strip.tsx';
import { PageStrip } from './page-strip.tsx';
import { PageText } from './page-text.tsx';
import { formatTime, isSamePlace, pictureAddress } from './place-words.ts';
import { RegionLayer } from './region-layer.tsx';
import { SharpCut } from './sharp-cut.tsx';
import { Stage } from './stage.tsx';
import { useViewTransform } from './use-view-transform.ts';
import classes from './viewer.module.css';
import { ViewerToolbar } from './viewer-toolbar.tsx';
import type { ViewerBox, ViewerPlace, ViewerRegion, ViewerSubject } from './viewer-types.ts';

export interface ViewerProps {
  subject: ViewerSubject;
  /** Where to begin; default: the first page, or the first frame. */
  place?: ViewerPlace;
  /** Frames to offer of a film; default: some over all of it. */
  frameTimesMs?: readonly number[];
  boxes?: readonly ViewerBox[];
  /** A box that is pointed at elsewhere, such as in the answer's text. */
  highlightedBoxId?: string | null;
  onHoverBox?(id: string | null): void;
  /** A person drew a region to ask about. Absent: nothing can be drawn. */
  onRegion?(region: ViewerRegion): void;
  /** Begin with drawing. */
  startsDrawing?: boolean;
  /** Absent where the viewer stands beside the conversation for good. */
  onClose?(): void;
}

/** Longest side asked of the host for pages and frames. */
const maxSide = 2048;

export function Viewer(props: ViewerProps) {
  const { subject, boxes = [], onRegion } = props;
  const { attachment, name } = subject;
  const { t } = useTranslation('viewer');
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [place, setPlace] = useState<ViewerPlace>(() => props.place ?? firstPlace(subject));
  const [isDrawing, setDrawing] = useState(props.startsDrawing ?? false);
  const [isStripShown, setStripShown] = useState(true);
  const [isTextShown, setTextShown] = useState(false);
  const [hoveredId, setHoveredId] = useState<string | null>(null);
  const control = useViewTransform();

  const pageCount = attachment.kind === 'document' ? (attachment.pageCount ?? 1) : 0;
  const hasStrip = pageCount > 1;
  const isText = attachment.kind === 'document' && attachment.pageCount === null;
  const label = placeLabel(t, name, place);
  const showPage = (page: number) => {
    if (page >= 1 && page <= pageCount) setPlace({ page, timeMs: null });
  };
  const showTime = useCallback((timeMs: number) => setPlace({ page: null, timeMs }), []);
  const hover = (id: string | null) => {
    setHoveredId(id);
    props.onHoverBox?.(id);
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'PageDown') showPage((place.page ?? 0) + 1);
    else if (event.key === 'PageUp') showPage((place.page ?? 0) - 1);
    else if (event.key === 'r' && onRegion && !event.ctrlKey && !event.metaKey) setDrawing(true);
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys work wherever the focus is inside
    <div className={classes.viewer} onKeyDown={keyDown}>
      <ViewerToolbar
        subject={subject}
        control={control}
        page={place.page}
        pageCount={pageCount}
        isDrawing={isDrawing}
        isStripShown={isStripShown}
        isTextShown={isTextShown}
        onPage={showPage}
        onDraw={onRegion && (() => setDrawing((on) => !on))}
        onToggleStrip={hasStrip ? () => setStripShown((on) => !on) : undefined}
        onToggleText={pageCount > 0 ? () => setTextShown((on) => !on) : undefined}
        onClose={props.onClose}
      />
      <div className={classes.body}>
        {hasStrip && isStripShown && !isNarrow && (
          <PageStrip attachment={attachment} pageCount={pageCount} page={place.page ?? 1} onPage={showPage} />
        )}
        {isText ? (
          <PageText attachment={attachment} page={1} />
        ) : (
          (attachment.kind !== 'film' || place.timeMs !== null) && (
            <Stage
              control={control}
              address={pictureAddress(attachment, place, maxSide)}
              label={label}
              overlay={
                isDrawing && (
                  <RegionLayer
                    control={control}
                    onCancel={() => setDrawing(false)}
                    onDone={(box) => {
                      setDrawing(false);
                      onRegion?.({ ...place, box });
                    }}
                  />
                )
              }
            >
              {attachment.kind !== 'picture' && (
                <SharpCut attachment={attachment} place={place} control={control} />
              )}
              <BoxOverlay
                boxes={boxes.filter((box) => isSamePlace(box, place))}
                highlightedId={props.highlightedBoxId ?? hoveredId}
                onHover={hover}
              />
            </Stage>
          )
        )}
        {isTextShown && place.page !== null && <PageText attachment={attachment} page={place.page} />}
      </div>
      {attachment.kind === 'film' && (
        <FrameStrip
          attachment={attachment}
          timesMs={props.frameTimesMs}
          timeMs={place.timeMs}
          onTime={showTime}
        />
      )}
    </div>
  );
}

function firstPlace({ attachment }: ViewerSubject): ViewerPlace {
  return { page: attachment.kind === 'document' ? 1 : null, timeMs: null };
}

export function placeLabel(
  t: (key: string, values: Record<string, unknown>) => string,
  name: string,
  { page, timeMs }: ViewerPlace,
): string {
  if (page !== null) return t('label.page', { name, page });
  if (timeMs !== null) return t('label.frame', { name, time: formatTime(timeMs) });
  return name;
}
