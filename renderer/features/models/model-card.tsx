/** One model: what it is, whether it is loaded, and what can be done with it. */
import { Badge, Button, Card, Group, List, Progress, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconAlertTriangle, IconPlayerEject, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Model, ModelState } from '../../../preload/contract/models.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { loadShare, markOf, precisionText, speedText } from './describe-model.ts';
import { FileCheck } from './file-check.tsx';
import { ModelFidelity } from './model-fidelity.tsx';

interface ModelCardProps {
  model: Model;
  state: ModelState;
  onLoad(): void;
  onUnload(): void;
  onRemove(): void;
}

export function ModelCard({ model, state, onLoad, onUnload, onRemove }: ModelCardProps) {
  const { t } = useTranslation('models');
  const mark = markOf(model, state);
  const askRemoval = () =>
    modals.openConfirmModal({
      title: t('remove.title', { name: model.name }),
      children: <Text size="sm">{t('remove.text')}</Text>,
      labels: { confirm: t('remove.confirm'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      onConfirm: onRemove,
    });
  return (
    <Card withBorder component="article" aria-label={model.name} padding="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Group gap="xs">
            <Text fw={600} component="h3" size="md">
              {model.name}
            </Text>
            {model.isDemo && (
              <Badge variant="light" color="gray">
                {t('demo')}
              </Badge>
            )}
            {mark === 'ready' && (
              <Badge variant="light" color="teal">
                {t('loaded')}
              </Badge>
            )}
          </Group>
          <ModelFigures model={model} />
        </div>
        <Group gap="xs">
          {mark === 'ready' ? (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerEject size={14} />}
              onClick={onUnload}
            >
              {t('unload')}
            </Button>
          ) : (
            <Button
              size="xs"
              loading={mark === 'loading'}
              leftSection={<IconPlayerPlay size={14} />}
              onClick={onLoad}
              aria-label={t('loadNamed', { name: model.name })}
            >
              {t('load')}
            </Button>
          )}
          {!model.isDemo && (
            <Button
              size="xs"
              variant="subtle"
              color="red"
              leftSection={<IconTrash size={14} />}
              disabled={mark === 'loading'}
              onClick={askRemoval}
            >
              {t('remove.open')}
            </Button>
          )}
        </Group>
      </Group>
      {mark === 'loading' && <LoadProgress state={state} />}
      {mark === 'ready' && <ReadyFigures state={state} />}
      {state.state === 'failed' && mark === 'failed' && (
        <Notice mt="sm" color="red" icon={<IconAlertTriangle size={18} />} title={t('loadFailed')}>
          {failureSentence(state.error)}
        </Notice>
      )}
      {model.isDemo && (
        <Text size="sm" mt="sm">
          {t('demoWords')}
        </Text>
      )}
      {model.notes.length > 0 && (
        <List size="sm" mt="sm" c="dimmed" aria-label={t('notes')}>
          {model.notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      )}
      {model.fidelity && <ModelFidelity sentences={model.fidelity} />}
      {model.isReadyMade && (
        <Text size="sm" mt="sm">
          {t('readyMade')}
        </Text>
      )}
      {!model.isDemo && <FileCheck id={model.id} name={model.name} />}
    </Card>
  );
}

function ModelFigures({ model }: { model: Model }) {
  const { t, i18n } = useTranslation('models');
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <Text size="sm" c="dimmed" mt={2}>
      {[
        formatBytes(model.sizeBytes, i18n.language),
        precisionText(model),
        t('context', { tokens: number.format(model.contextLength) }),
        t('tiles', { count: model.maxTiles }),
        model.memoryBytes === undefined
          ? null
          : t('memoryNeed', { size: formatBytes(model.memoryBytes, i18n.language) }),
        model.expected ? speedText(model.expected, t, i18n.language) : null,
        model.license === undefined ? null : t('repository.license', { license: model.license }),
      ]
        .filter((words) => words !== null)
        .join(' · ')}
    </Text>
  );
}

export function LoadProgress({ state }: { state: ModelState }) {
  const { t } = useTranslation('models');
  const share = loadShare(state);
  return (
    <Progress
      mt="sm"
      value={share === null ? 100 : share * 100}
      animated={share === null}
      aria-label={t('loading')}
    />
  );
}

function ReadyFigures({ state }: { state: ModelState }) {
  const { t, i18n } = useTranslation('models');
  if (state.state !== 'ready') return null;
  const seconds = new Intl.NumberFormat(i18n.language, {
    maximumFractionDigits: 1,
  }).format(state.loadMs / 1000);
  return (
    <Text size="xs" c="dimmed" mt="xs">
      {t('readyFigures', {
        device: state.device,
        memory: formatBytes(state.rssBytes, i18n.language),
        seconds,
      })}
    </Text>
  );
}
