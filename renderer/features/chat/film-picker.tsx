/** Which stretch of a film is asked about, by how many frames, and those frames; single ones can be taken or left out. */
import { Button, Group, Modal, RangeSlider, SegmentedControl, Slider, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FilmFrames } from './film-frames.tsx';
import { FilmScrubber } from './film-scrubber.tsx';
import { clock } from './film-time.ts';
import type { FilePart } from './tray.ts';
import { useFilmFrames } from './use-film-frames.ts';

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
  const [startMs, setStartMs] = useState(part.startMs);
  const [endMs, setEndMs] = useState(part.endMs || durationMs);
  const [count, setCount] = useState(Math.max(1, Math.min(mostFrames, part.frameTimesMs.length)));
  const [how, setHow] = useState<'evenly' | 'scenes'>('evenly');
  const { timesMs, sample, add, remove } = useFilmFrames(part);
  const choose = (changed: Partial<{ count: number; startMs: number; endMs: number; how: typeof how }>) =>
    sample({ count, startMs, endMs, how, ...changed });
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('film.title', { name: part.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <FilmScrubber
          attachmentId={part.attachmentId}
          durationMs={durationMs}
          startMs={startMs}
          onTake={add}
        />
        <div>
          <Text size="sm">{t('film.stretch', { from: clock(startMs), to: clock(endMs) })}</Text>
          <RangeSlider
            min={0}
            max={Math.max(1, durationMs)}
            minRange={Math.min(100, durationMs)}
            step={100}
            value={[startMs, endMs]}
            label={clock}
            thumbFromLabel={t('film.from')}
            thumbToLabel={t('film.to')}
            onChange={([from, to]) => {
              setStartMs(from);
              setEndMs(to);
              choose({ startMs: from, endMs: to });
            }}
          />
        </div>
        <div>
          <Text size="sm">{t('film.frames', { count: timesMs.length })}</Text>
          <Slider
            min={1}
            max={mostFrames}
            value={count}
            thumbLabel={t('film.count')}
            onChange={(value) => {
              setCount(value);
              choose({ count: value });
            }}
          />
        </div>
        <SegmentedControl
          aria-label={t('film.how')}
          value={how}
          onChange={(value) => {
            setHow(value as typeof how);
            choose({ how: value as typeof how });
          }}
          data={[
            { value: 'evenly', label: t('film.evenly') },
            { value: 'scenes', label: t('film.scenes') },
          ]}
        />
        <FilmFrames attachmentId={part.attachmentId} timesMs={timesMs} onRemove={remove} />
        <Group justify="flex-end">
          <Button
            disabled={timesMs.length === 0}
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
