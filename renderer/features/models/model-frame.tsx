/** What every model's card has: name and figures, a button to use it or to stop, removal that asks, and why it failed. */
import { Badge, Button, Card, Group, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconAlertTriangle, IconPlayerEject, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model, ModelState } from '../../../preload/contract/models.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { markOf } from './describe-model.ts';

/** What a card is given by the library, whichever model it shows. */
export interface ModelCardProps {
  model: Model;
  state: ModelState;
  onLoad(): void;
  onUnload(): void;
  onRemove(): void;
}

interface ModelFrameProps extends ModelCardProps {
  words: { inUse: string; use: string; useNamed: string; leave: string; failed: string };
  /** Null where the model can't be removed. */
  removal: { open: string; title: string; text: string; confirm: string } | null;
  badges: ReactNode;
  figures: string;
  children: ReactNode;
}

export function ModelFrame(props: ModelFrameProps) {
  const { model, state, words, removal, badges, figures, children, onLoad, onUnload, onRemove } = props;
  const { t } = useTranslation('models');
  const mark = markOf(model, state);
  const askRemoval = ({ title, text, confirm }: NonNullable<typeof removal>) =>
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{text}</Text>,
      labels: { confirm, cancel: t('cancel') },
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
            {badges}
            {mark === 'ready' && (
              <Badge variant="light" color="teal" tt="none">
                {words.inUse}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" mt={2}>
            {figures}
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
              {words.leave}
            </Button>
          ) : (
            <Button
              size="xs"
              loading={mark === 'loading'}
              leftSection={<IconPlayerPlay size={14} />}
              onClick={onLoad}
              aria-label={words.useNamed}
            >
              {words.use}
            </Button>
          )}
          {removal && (
            <Button
              size="xs"
              variant="subtle"
              color="red"
              leftSection={<IconTrash size={14} />}
              disabled={mark === 'loading'}
              onClick={() => askRemoval(removal)}
            >
              {removal.open}
            </Button>
          )}
        </Group>
      </Group>
      {state.state === 'failed' && mark === 'failed' && (
        <Notice mt="sm" color="red" icon={<IconAlertTriangle size={18} />} title={words.failed}>
          {failureSentence(state.error)}
        </Notice>
      )}
      {children}
    </Card>
  );
}
