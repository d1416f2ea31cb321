/** Which model answers, its state at a glance, and the way to another. */
import { Button, Loader, Menu, RingProgress, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconChevronDown,
  IconCube,
  IconPlayerEject,
  IconPlus,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ModelState } from '../../../preload/contract/models.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { currentModel, loadShare, orderModels, precisionText } from './describe-model.ts';
import { RemoteMark } from './remote-mark.tsx';
import { useModels } from './use-models.ts';

export interface ModelPickerProps {
  onOpenLibrary(): void;
}

export function ModelPicker({ onOpenLibrary }: ModelPickerProps) {
  const { t, i18n } = useTranslation('models');
  const { models, state, load, unload } = useModels();
  const current = currentModel(models ?? [], state);
  return (
    <>
      <RemoteMark models={models ?? []} state={state} />
      <Menu withInitialFocusPlaceholder={false} position="bottom-start" shadow="md" width={300}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="sm"
            maw="16rem"
            leftSection={<StateIcon state={state} />}
            rightSection={<IconChevronDown size={14} />}
            aria-label={t('picker', {
              name: current?.name ?? t('none'),
              state: t(`states.${state.state}`),
            })}
          >
            <Text component="span" size="sm" truncate>
              {current?.name ?? t('none')}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('answers')}</Menu.Label>
          {orderModels((models ?? []).filter(({ isCritic }) => !isCritic)).map((model) => (
            <Menu.Item
              key={model.id}
              leftSection={
                model.id === current?.id ? <IconCheck size={16} /> : <span style={{ inlineSize: 16 }} />
              }
              aria-current={model.id === current?.id ? 'true' : undefined}
              onClick={() => load(model)}
            >
              <Text size="sm">{model.name}</Text>
              <Text size="xs" c="dimmed">
                {model.isDemo && t('demoShort')}
                {model.remote && t('remote:sentTo', { host: model.remote.host })}
                {!model.isDemo &&
                  !model.remote &&
                  `${formatBytes(model.sizeBytes, i18n.language)} · ${precisionText(model)}`}
              </Text>
            </Menu.Item>
          ))}
          <Menu.Divider />
          {state.state === 'ready' && current?.remote && (
            <Menu.Item leftSection={<IconPlayerEject size={16} />} onClick={unload}>
              {t('remote:leave')}
            </Menu.Item>
          )}
          {state.state === 'ready' && !current?.remote && (
            <Menu.Item leftSection={<IconPlayerEject size={16} />} onClick={unload}>
              {t('unload')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconPlus size={16} />} onClick={onOpenLibrary}>
            {t('manage')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function StateIcon({ state }: { state: ModelState }) {
  if (state.state === 'failed') return <IconAlertTriangle size={16} color="var(--mantine-color-error)" />;
  if (state.state !== 'loading') return <IconCube size={16} />;
  const share = loadShare(state);
  if (share === null) return <Loader size={16} />;
  return <RingProgress size={18} thickness={3} sections={[{ value: share * 100, color: 'blue' }]} />;
}
