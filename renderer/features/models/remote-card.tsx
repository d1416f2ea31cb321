/** A model on another machine: where it is, whether it is in use, and what can be done with it. */
import { Badge, Button, Card, Group, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconAlertTriangle,
  IconCloudUp,
  IconPlayerEject,
  IconPlayerPlay,
  IconTrash,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Model, ModelState } from '../../../preload/contract/models.ts';
import type { RemotePlace } from '../../../preload/contract/remote-models.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { markOf } from './describe-model.ts';

interface RemoteCardProps {
  model: Model;
  remote: RemotePlace;
  state: ModelState;
  onLoad(): void;
  onUnload(): void;
  onRemove(): void;
}

export function RemoteCard({ model, remote, state, onLoad, onUnload, onRemove }: RemoteCardProps) {
  const { t, i18n } = useTranslation('remote');
  const mark = markOf(model, state);
  const askRemoval = () =>
    modals.openConfirmModal({
      title: t('removeTitle', { name: model.name }),
      children: <Text size="sm">{t('removeText')}</Text>,
      labels: { confirm: t('remove'), cancel: t('models:cancel') },
      confirmProps: { color: 'red' },
      onConfirm: onRemove,
    });
  return (
    <Card withBorder component="article" aria-label={model.name} padding="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Group gap="xs">
            <Text fw={600} component="h3" size="md" style={{ overflowWrap: 'anywhere' }}>
              {model.name}
            </Text>
            <Badge
              variant="light"
              color="orange"
              tt="none"
              c="var(--mantine-color-text)"
              leftSection={<IconCloudUp size={14} />}
            >
              {t('badge')}
            </Badge>
            {mark === 'ready' && (
              <Badge variant="light" color="teal" tt="none">
                {t('inUse')}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" mt={2}>
            {t('figures', {
              server: remote.server,
              tokens: new Intl.NumberFormat(i18n.language).format(model.contextLength),
            })}
          </Text>
        </div>
        <Group gap="xs">
          {mark === 'ready' ? (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerEject size={14} />}
              onClick={onUnload}
            >
              {t('leave')}
            </Button>
          ) : (
            <Button
              size="xs"
              loading={mark === 'loading'}
              leftSection={<IconPlayerPlay size={14} />}
              onClick={onLoad}
              aria-label={t('useNamed', { name: model.name })}
            >
              {t('use')}
            </Button>
          )}
          <Button
            size="xs"
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={14} />}
            disabled={mark === 'loading'}
            onClick={askRemoval}
          >
            {t('remove')}
          </Button>
        </Group>
      </Group>
      <Text size="sm" mt="sm">
        {t('sentToWords', { host: remote.host })}
      </Text>
      {remote.key === 'missing' && (
        <Notice mt="sm" color="orange" icon={<IconAlertTriangle size={18} />}>
          {t('keyMissing')}
        </Notice>
      )}
      {remote.key === 'session' && (
        <Text size="sm" mt="sm" c="dimmed">
          {t('keySession')}
        </Text>
      )}
      {state.state === 'failed' && mark === 'failed' && (
        <Notice mt="sm" color="red" icon={<IconAlertTriangle size={18} />} title={t('notReached')}>
          {failureSentence(state.error)}
        </Notice>
      )}
    </Card>
  );
}
