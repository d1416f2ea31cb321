/** A picture in its viewport, with what is drawn on it. */
import { Center, Loader, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ViewControl } from './use-view-transform.ts';
import classes from './viewer.module.css';

interface StageProps {
  control: ViewControl;
  address: string;
  /** Says what is seen, such as "contract.pdf, page 3". */
  label: string;
  /** Drawn over the picture, in percent of it. */
  children?: ReactNode;
  /** Lies over the whole viewport and takes its pointer. */
  overlay?: ReactNode;
}

export function Stage({ control, address, label, children, overlay }: StageProps) {
  const { t } = useTranslation('viewer');
  /** Which address was loaded, and how that ended: another one is on its way again at once. */
  const [outcome, setOutcome] = useState<{
    address: string;
    isShown: boolean;
  } | null>(null);
  const { view, picture } = control;
  const isShown = outcome?.address === address && outcome.isShown;
  const isFailed = outcome?.address === address && !outcome.isShown;

  return (
    <section
      ref={control.ref}
      className={classes.viewport}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows pan, plus and minus zoom, as in any region that scrolls
      tabIndex={0}
      onKeyDown={control.onKeyDown}
      {...control.pointer}
    >
      <div
        className={classes.stage}
        style={{
          width: picture?.width ?? 1,
          height: picture?.height ?? 1,
          transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
          ['--inverse-scale' as string]: 1 / view.scale,
        }}
      >
        <img
          className={classes.picture}
          src={address}
          alt={label}
          draggable={false}
          data-pixelated={view.scale >= 3 || undefined}
          data-hidden={!isShown || undefined}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            control.setPicture({ width: naturalWidth, height: naturalHeight });
            setOutcome({ address, isShown: true });
          }}
          onError={() => setOutcome({ address, isShown: false })}
        />
        {isShown && children}
      </div>
      {!isShown && !isFailed && (
        <Center className={classes.cover}>
          <Loader role="status" aria-label={t('loading')} />
        </Center>
      )}
      {isFailed && (
        <Center className={classes.cover}>
          <Text role="alert">{t('failed')}</Text>
        </Center>
      )}
      {isShown && overlay}
    </section>
  );
}
