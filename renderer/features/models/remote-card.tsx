/** A model on another machine: where it is, whether it is in use, and what can be done with it. */
import { Badge, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { RemotePlace } from '../../../preload/contract/remote-models.ts';
import { Notice } from '../../ui/notice.tsx';
import { type ModelCardProps, ModelFrame } from './model-frame.tsx';

export function RemoteCard({ remote, ...props }: ModelCardProps & { remote: RemotePlace }) {
  const { t, i18n } = useTranslation('remote');
  const { name, contextLength } = props.model;
  return (
    <ModelFrame
      {...props}
      words={{
        inUse: t('inUse'),
        use: t('use'),
        useNamed: t('useNamed', { name }),
        leave: t('leave'),
        failed: t('notReached'),
      }}
      removal={{
        open: t('remove'),
        title: t('removeTitle', { name }),
        text: t('removeText'),
        confirm: t('remove'),
      }}
      badges={
        <Badge
          variant="light"
          color="orange"
          tt="none"
          c="var(--mantine-color-text)"
          leftSection={<IconCloudUp size={14} />}
        >
          {t('badge')}
        </Badge>
      }
      figures={t('figures', {
        server: remote.server,
        tokens: new Intl.NumberFormat(i18n.language).format(contextLength),
      })}
    >
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
    </ModelFrame>
  );
}
