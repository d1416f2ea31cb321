/** Checkpoints that lie here already: converted without a network, or deleted to free their disk. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint } from '../../../preload/contract/model-jobs.ts';
import type { Precision } from '../../../preload/contract/precision.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { showFailure } from '../../ui/show-failure.ts';

export function CheckpointList({ precision }: { precision: Precision }) {
  const { t, i18n } = useTranslation('models');
  const [checkpoints, setCheckpoints] = useState<readonly Checkpoint[]>([]);
  const list = useCallback(() => {
    api.listCheckpoints({}).then((answer) => setCheckpoints(answer.checkpoints), showFailure);
  }, []);
  useEffect(list, [list]);
  useAppEvent((event) => {
    if (event.type === 'models-changed') list();
  });
  const convert = ({ name }: Checkpoint) =>
    void api.startImport({ source: { type: 'checkpoint', name }, precision }).catch(showFailure);
  const askRemoval = ({ name }: Checkpoint) =>
    modals.openConfirmModal({
      title: t('checkpoints.removeTitle', { name }),
      children: <Text size="sm">{t('checkpoints.removeText')}</Text>,
      labels: { confirm: t('remove.confirm'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => void api.deleteCheckpoint({ name }).then(list, showFailure),
    });
  if (checkpoints.length === 0) return null;
  return (
    <>
      <Text fw={600} size="sm" mt="md" component="h4" id="checkpoints">
        {t('checkpoints.title')}
      </Text>
      <Stack
        gap="xs"
        mt="xs"
        component="ul"
        p={0}
        aria-labelledby="checkpoints"
        style={{ listStyle: 'none' }}
      >
        {checkpoints.map((checkpoint) => (
          <Group key={checkpoint.name} component="li" justify="space-between" wrap="nowrap">
            <div>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {checkpoint.name}
              </Text>
              <Text size="xs" c="dimmed">
                {formatBytes(checkpoint.sizeBytes, i18n.language)} ·{' '}
                {t(`checkpoints.from.${checkpoint.from}`)}
              </Text>
            </div>
            <Group gap="xs" wrap="nowrap" flex="none">
              <Button flex="none" size="xs" variant="default" onClick={() => convert(checkpoint)}>
                {t('checkpoints.convert')}
              </Button>
              {checkpoint.from === 'library' && (
                <Button
                  flex="none"
                  size="xs"
                  variant="subtle"
                  color="red"
                  onClick={() => askRemoval(checkpoint)}
                >
                  {t('remove.open')}
                </Button>
              )}
            </Group>
          </Group>
        ))}
      </Stack>
    </>
  );
}
