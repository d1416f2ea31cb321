/** The frames that will be asked about, in a row. */
import { ActionIcon, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import css from './chat.module.css';
import { clock } from './film-time.ts';

interface FilmFramesProps {
  attachmentId: string;
  timesMs: readonly number[];
  onRemove(timeMs: number): void;
}

export function FilmFrames({ attachmentId, timesMs, onRemove }: FilmFramesProps) {
  const { t } = useTranslation('chat');
  return (
    <div className={css.frames}>
      {timesMs.map((timeMs) => (
        <figure key={timeMs}>
          <img
            className={css.frame}
            src={`/${viewPath(attachmentId, { timeMs, maxSide: 200 })}`}
            alt={t('film.frameAt', { time: clock(timeMs) })}
            loading="lazy"
          />
          <ActionIcon
            className={css.trayRemove}
            variant="default"
            radius="xl"
            size="sm"
            aria-label={t('film.remove', { time: clock(timeMs) })}
            onClick={() => onRemove(timeMs)}
          >
            <IconX size={13} />
          </ActionIcon>
          <Text component="figcaption" size="xs" c="dimmed">
            {clock(timeMs)}
          </Text>
        </figure>
      ))}
    </div>
  );
}
