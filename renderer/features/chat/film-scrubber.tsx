/** One place in a film, large, to be found by hand and taken. */
import { Button, Group, Slider } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import css from './chat.module.css';
import { clock } from './film-time.ts';

interface FilmScrubberProps {
  attachmentId: string;
  durationMs: number;
  startMs: number;
  onTake(timeMs: number): void;
}

export function FilmScrubber({ attachmentId, durationMs, startMs, onTake }: FilmScrubberProps) {
  const { t } = useTranslation('chat');
  const [timeMs, setTimeMs] = useState(startMs);
  const [shownMs] = useDebouncedValue(timeMs, 150);
  return (
    <div>
      <img
        className={css.scrubbed}
        src={`/${viewPath(attachmentId, { timeMs: shownMs, maxSide: 640 })}`}
        alt={t('film.frameAt', { time: clock(shownMs) })}
      />
      <Group wrap="nowrap" mt="xs">
        <Slider
          flex={1}
          min={0}
          max={Math.max(1, durationMs)}
          step={100}
          value={timeMs}
          label={clock}
          thumbLabel={t('film.scrub')}
          onChange={setTimeMs}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onTake(timeMs)}
        >
          {t('film.add')}
        </Button>
      </Group>
    </div>
  );
}
