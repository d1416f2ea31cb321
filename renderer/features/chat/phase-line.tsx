/** What an answer waits for, with how far it is. */
import { Group, Loader, Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LiveAnswer } from './live-answers.ts';

export function PhaseLine({ phase }: { phase: LiveAnswer['phase'] }) {
  const { t } = useTranslation('chat');
  const { name = 'queue', done = 0, total = 0 } = phase ?? {};
  const isCounted = total > 1 && name !== 'queue';
  return (
    <Group gap="sm" wrap="nowrap" mih={28}>
      <Loader size={14} type="dots" aria-hidden />
      <Text size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {isCounted && name !== 'model'
          ? t(`phase.${name}Counted`, { done, total })
          : t(`phase.${name}`, { count: total })}
      </Text>
      {isCounted && (
        <Progress
          value={(100 * done) / total}
          w={120}
          size="sm"
          aria-label={t(`phase.${name}`, { count: total })}
        />
      )}
    </Group>
  );
}
