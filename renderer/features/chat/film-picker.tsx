/** Which stretch of a film is asked about, by how many frames, and those frames. */
import { Button, Group, Modal, RangeSlider, SegmentedControl, Slider, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import css from './chat.module.css';
import type { FilePart } from './tray.ts';

type FilmPart = Extract<FilePart, { type: 'film' }>;

interface FilmPickerProps {
  part: FilmPart;
  durationMs: number;
  onChange(part: FilmPart): void;
  onClose(): void;
}

const mostFrames = 32;

export function FilmPicker({ part, durationMs, onChange, onClose }: FilmPickerProps) {
  const { t } = useTranslation('chat');
  const [stretch, setStretch] = useState<[number, number]>([part.startMs, part.endMs || durationMs]);
  const [count, setCount] = useState(Math.max(1, part.frameTimesMs.length));
  const [how, setHow] = useState<'evenly' | 'scenes'>('evenly');
  const [timesMs, setTimesMs] = useState<readonly number[]>(part.frameTimesMs);
  const [startMs, endMs] = stretch;
  useEffect(() => {
    const leave = new AbortController();
    const timer = setTimeout(() => {
      api.sampleFrames({ id: part.attachmentId, count, startMs, endMs, how }, leave.signal).then(
        (sampled) => !leave.signal.aborted && setTimesMs(sampled.timesMs),
        (error: unknown) => !leave.signal.aborted && showFailure(error),
      );
    }, 300);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [part.attachmentId, count, startMs, endMs, how]);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('film.title', { name: part.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <div>
          <Text size="sm">{t('film.stretch', { from: clock(startMs), to: clock(endMs) })}</Text>
          <RangeSlider
            min={0}
            max={Math.max(1, durationMs)}
            minRange={Math.min(100, durationMs)}
            step={100}
            value={stretch}
            label={clock}
            thumbFromLabel={t('film.from')}
            thumbToLabel={t('film.to')}
            onChange={setStretch}
          />
        </div>
        <div>
          <Text size="sm">{t('film.frames', { count })}</Text>
          <Slider min={1} max={mostFrames} value={count} onChange={setCount} thumbLabel={t('film.count')} />
        </div>
        <SegmentedControl
          aria-label={t('film.how')}
          value={how}
          onChange={(value) => setHow(value as 'evenly' | 'scenes')}
          data={[
            { value: 'evenly', label: t('film.evenly') },
            { value: 'scenes', label: t('film.scenes') },
          ]}
        />
        <div className={css.frames}>
          {timesMs.map((timeMs) => (
            <figure key={timeMs}>
              <img
                src={`/${viewPath(part.attachmentId, { timeMs, maxSide: 200 })}`}
                alt={t('film.frameAt', { time: clock(timeMs) })}
                loading="lazy"
              />
              <Text component="figcaption" size="xs" c="dimmed">
                {clock(timeMs)}
              </Text>
            </figure>
          ))}
        </div>
        <Group justify="flex-end">
          <Button
            onClick={() => {
              onChange({ ...part, startMs, endMs, frameTimesMs: [...timesMs] });
              onClose();
            }}
          >
            {t('film.use', { count: timesMs.length })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`;
}
