/** What stands where the list would: loading, a failure, or an empty view that says what it is for. */
import { Button, EmptyState, Skeleton, Stack } from '@mantine/core';
import { IconAlertTriangle, IconArchive, IconFolder, IconMessage2, IconTag } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ListView } from './place-conversation.ts';
import type { ConversationList } from './use-conversations.ts';

interface EmptyListProps {
  view: ListView;
  state: ConversationList['state'];
  onRetry(): void;
}

const icons = {
  all: IconMessage2,
  archive: IconArchive,
  folder: IconFolder,
  tag: IconTag,
};

export function EmptyList({ view, state, onRetry }: EmptyListProps) {
  const { t } = useTranslation('conversations');
  if (state === 'loading') {
    return (
      <Stack gap="xs" p="sm" role="status" aria-label={t('loading')}>
        {[70, 90, 55, 80].map((width) => (
          <Skeleton key={width} height={18} width={`${width}%`} />
        ))}
      </Stack>
    );
  }
  if (state === 'failed') {
    return (
      <EmptyState size="xs" p="md" icon={<IconAlertTriangle />} title={t('failed')}>
        <EmptyState.Actions>
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('retry')}
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    );
  }
  const Icon = icons[view.type];
  return (
    <EmptyState
      size="xs"
      p="md"
      icon={<Icon />}
      title={t(`empty.${view.type}.title`)}
      description={t(`empty.${view.type}.text`)}
    />
  );
}
