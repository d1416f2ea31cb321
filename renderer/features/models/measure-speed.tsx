/** Has a model read a page and write a little, and shows how long that took on this machine. */
import { Button, Text } from '@mantine/core';
import { IconGauge } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../preload/contract/models.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

export function MeasureSpeed({ model: { id, name, measured } }: { model: Model }) {
  const { t, i18n } = useTranslation('models');
  const [percent, setPercent] = useState<number | null>(null);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const run = async () => {
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    setPercent(0);
    try {
      for await (const event of api.measureModel({ id }, signal)) {
        if (signal.aborted) return;
        if (event.type === 'progress') setPercent(Math.floor(100 * event.share));
      }
    } catch (error) {
      if (!signal.aborted) showFailure(error);
    }
    if (!signal.aborted) setPercent(null); // the figures come with the list
  };
  const number = (value: number) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
  return (
    <>
      <Button
        size="compact-xs"
        mt="xs"
        variant="subtle"
        loading={percent !== null}
        leftSection={<IconGauge size={14} />}
        aria-label={t('measure.startNamed', { name })}
        onClick={() => void run()}
      >
        {t('measure.start')}
      </Button>
      <Text size="xs" role="status">
        {percent !== null && t('measure.running', { percent })}
        {percent === null &&
          measured &&
          t('measure.measured', {
            device: measured.device,
            seconds: number(measured.pageSeconds),
            tokens: number(measured.tokensPerSecond),
          })}
      </Text>
    </>
  );
}
