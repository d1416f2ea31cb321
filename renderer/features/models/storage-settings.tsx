/** Where models lie, how fast they may come, when they leave the memory, and the Hub's token. */
import { Button, Card, Group, NativeSelect, PasswordInput, Text } from '@mantine/core';
import { IconFolderSymlink } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelSettings } from '../../../preload/contract/model-jobs.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { showFailure } from '../../ui/show-failure.ts';

/** Bytes a second; 0 stands for no limit. */
const speeds = [0, 1e6, 5e6, 20e6];
/** Minutes; 0 stands for never. */
const idleTimes = [0, 5, 15, 60];

export function StorageSettings({ canChooseFolders }: { canChooseFolders: boolean }) {
  const { t, i18n } = useTranslation('models');
  const [settings, setSettings] = useState<ModelSettings | null>(null);
  useEffect(() => {
    api.getModelSettings({}).then(setSettings, showFailure);
  }, []);
  useAppEvent((event) => {
    if (event.type === 'models-changed') api.getModelSettings({}).then(setSettings, showFailure);
  });
  if (!settings) return null;
  const { bytesPerSecond, idleUnloadMinutes } = settings;
  const update = (patch: Parameters<typeof api.updateModelSettings>[0]['patch']) =>
    void api.updateModelSettings({ patch }).then(setSettings, showFailure);
  const move = async () => {
    const { uploadId } = await api.chooseFolder({});
    if (uploadId !== null) await api.moveLibrary({ uploadId });
  };
  const withOwn = (choices: number[], own: number | null) => [...new Set([...choices, own ?? 0])];
  return (
    <Card withBorder padding="md" component="section" aria-labelledby="model-storage">
      <Text fw={600} component="h3" size="md" id="model-storage">
        {t('storage.title')}
      </Text>
      <Text size="sm" mt={4} style={{ overflowWrap: 'anywhere' }}>
        {t('storage.place', {
          place: settings.libraryPlace,
          free: formatBytes(settings.freeBytes, i18n.language),
        })}
      </Text>
      <Group mt="xs">
        {canChooseFolders && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFolderSymlink size={14} />}
            onClick={() => void move().catch(showFailure)}
          >
            {t('storage.move')}
          </Button>
        )}
        {settings.isLibraryMoved && (
          <Button
            size="xs"
            variant="default"
            onClick={() => void api.moveLibrary({ uploadId: null }).catch(showFailure)}
          >
            {t('storage.moveBack')}
          </Button>
        )}
      </Group>
      <Group mt="sm" grow align="flex-end">
        <NativeSelect
          size="sm"
          label={t('storage.speed')}
          value={String(bytesPerSecond ?? 0)}
          onChange={(event) => update({ bytesPerSecond: Number(event.currentTarget.value) || null })}
          data={withOwn(speeds, bytesPerSecond).map((value) => ({
            value: String(value),
            label:
              value === 0
                ? t('storage.noLimit')
                : t('jobs.speed', { size: formatBytes(value, i18n.language) }),
          }))}
        />
        <NativeSelect
          size="sm"
          label={t('storage.idle')}
          value={String(idleUnloadMinutes ?? 0)}
          onChange={(event) => update({ idleUnloadMinutes: Number(event.currentTarget.value) || null })}
          data={withOwn(idleTimes, idleUnloadMinutes).map((value) => ({
            value: String(value),
            label: value === 0 ? t('storage.never') : t('storage.minutes', { count: value }),
          }))}
        />
      </Group>
      <TokenField hasToken={settings.hasToken} onChange={(token) => update({ token })} />
    </Card>
  );
}

function TokenField({ hasToken, onChange }: { hasToken: boolean; onChange(token: string | null): void }) {
  const { t } = useTranslation('models');
  const [token, setToken] = useState('');
  const save = () => {
    onChange(token.trim());
    setToken('');
  };
  return (
    <Group mt="sm" align="flex-end" wrap="nowrap">
      <PasswordInput
        flex={1}
        size="sm"
        label={t('storage.token')}
        description={t(hasToken ? 'storage.tokenKept' : 'storage.tokenWords')}
        autoComplete="off"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
      />
      {hasToken && token === '' ? (
        <Button flex="none" variant="default" onClick={() => onChange(null)}>
          {t('storage.forget')}
        </Button>
      ) : (
        <Button flex="none" variant="default" disabled={token.trim() === ''} onClick={save}>
          {t('storage.save')}
        </Button>
      )}
    </Group>
  );
}
