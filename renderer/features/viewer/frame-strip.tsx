/** Frames of a film with their times. */
import { Text, UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { api } from '../../api.ts';
import { failureSentence } from '../../ui/show-failure.ts';
import { formatTime, thumbnailAddress } from './place-words.ts';
import classes from './viewer.module.css';

interface FrameStripProps {
  attachment: Attachment;
  /** Frames to show, such as those that were asked about; default: some over the whole film. */
  timesMs?: readonly number[] | undefined;
  timeMs: number | null;
  onTime(timeMs: number): void;
}

const defaultFrames = 24;

export function FrameStrip({ attachment, timesMs, timeMs, onTime }: FrameStripProps) {
  const { t } = useTranslation('viewer');
  const [sampled, setSampled] = useState<readonly number[]>([]);
  const [failure, setFailure] = useState<string | null>(null);
  const { id, durationMs } = attachment;
  useEffect(() => {
    if (timesMs) return;
    const leaving = new AbortController();
    api
      .sampleFrames({ id, count: defaultFrames, startMs: 0, endMs: durationMs ?? 0 }, leaving.signal)
      .then((answer) => setSampled(answer.timesMs))
      .catch((error) => !leaving.signal.aborted && setFailure(failureSentence(error)));
    return () => leaving.abort();
  }, [id, durationMs, timesMs]);
  const times = timesMs ?? sampled;
  const first = times[0];
  useEffect(() => {
    if (timeMs === null && first !== undefined) onTime(first);
  }, [timeMs, first, onTime]);
  if (failure !== null) {
    return (
      <Text size="sm" p="xs" role="alert">
        {failure}
      </Text>
    );
  }
  /** As the prompt and answers name it. */
  const nameOf = (at: number) => t('frameNumber', { number: at + 1, time: formatTime(times[at] ?? 0) });
  return (
    <ul className={classes.frames} aria-label={t('frames')}>
      {times.map((time, at) => (
        <li key={time}>
          <UnstyledButton
            className={classes.frameButton}
            aria-current={time === timeMs ? 'true' : undefined}
            aria-label={timesMs ? nameOf(at) : t('frame', { time: formatTime(time) })}
            onClick={() => onTime(time)}
          >
            <img
              className={classes.framePicture}
              src={thumbnailAddress(id, { page: null, timeMs: time }, 160)}
              alt=""
              loading="lazy"
              draggable={false}
            />
            <Text component="span" size="xs">
              {timesMs ? nameOf(at) : formatTime(time)}
            </Text>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
