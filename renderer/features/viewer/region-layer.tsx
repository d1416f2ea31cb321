/** Draws a region: by mouse, pen or finger from corner to corner, or by keys on a box that lies in the middle. */
import { Button, Group, Paper, Text } from '@mantine/core';
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Box } from '../../../preload/contract/attachments.ts';
import { boxBetween, boxInTheMiddle, editBox, isRegion } from './region-edit.ts';
import type { ViewControl } from './use-view-transform.ts';
import { type Point, toShare } from './view-transform.ts';
import classes from './viewer.module.css';

interface RegionLayerProps {
  control: ViewControl;
  onDone(box: Box): void;
  onCancel(): void;
}

export function RegionLayer({ control, onDone, onCancel }: RegionLayerProps) {
  const { t } = useTranslation('viewer');
  const [box, setBox] = useState<Box | null>(null);
  const [from, setFrom] = useState<Point | null>(null);
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => layer.current?.focus(), []);
  const { view, picture } = control;
  if (!picture) return null;
  const shareOf = (event: PointerEvent) => toShare(control.pointOf(event), view, picture);

  const keyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const edited = editBox(box ?? boxInTheMiddle, event.key, {
      resize: event.shiftKey,
      fine: event.altKey,
    });
    if (edited) setBox(box === null ? boxInTheMiddle : edited);
    else if (event.key === 'Enter' && box !== null) onDone(box);
    else if (event.key === 'Escape') onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={layer}
      role="application"
      aria-roledescription={t('region.surface')}
      aria-label={t('region.hint')}
      className={classes.regionLayer}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys draw here
      tabIndex={0}
      onKeyDown={keyDown}
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.button !== 0 || event.target !== event.currentTarget) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(shareOf(event));
        setBox(null);
      }}
      onPointerMove={(event) => {
        if (from) setBox(boxBetween(from, shareOf(event)));
      }}
      onPointerUp={(event) => {
        if (!from) return;
        const drawn = boxBetween(from, shareOf(event));
        setFrom(null);
        setBox(isRegion(drawn) ? drawn : null);
      }}
      onPointerCancel={() => setFrom(null)}
    >
      {box && (
        <div
          className={classes.region}
          style={{
            left: view.x + box.x * picture.width * view.scale,
            top: view.y + box.y * picture.height * view.scale,
            width: box.width * picture.width * view.scale,
            height: box.height * picture.height * view.scale,
          }}
        />
      )}
      <Paper className={classes.regionBar} shadow="md" withBorder p="xs">
        <Group gap="xs" justify="center">
          <Text size="sm" role="status">
            {box && !from ? t('region.at', shares(box)) : t('region.hint')}
          </Text>
          <Button size="xs" disabled={!box || from !== null} onClick={() => box && onDone(box)}>
            {t('region.ask')}
          </Button>
          <Button size="xs" variant="default" onClick={onCancel}>
            {t('cancel')}
          </Button>
        </Group>
      </Paper>
    </div>
  );
}

function shares({ x, y, width, height }: Box) {
  const percent = (share: number) => Math.round(share * 100);
  return {
    x: percent(x),
    y: percent(y),
    width: percent(width),
    height: percent(height),
  };
}
