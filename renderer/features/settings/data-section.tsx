/** Where conversations lie, in what state they are, and that nothing leaves the machine. */
import { Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconDownload, IconLock, IconUpload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { AppDescription } from '../../../preload/contract/system.ts';
import { Notice } from '../../ui/notice.tsx';
import { CacheSection } from './cache-section.tsx';
import { StoreProblemNotice } from './store-problem-notice.tsx';
import type { SettingsControl } from './use-settings.ts';

interface DataSectionProps {
  app: AppDescription | null;
  settings: Settings | null;
  change: SettingsControl['change'];
  onExportAll(): void;
  onImport(): void;
  onRepaired(): void;
}

export function DataSection({ app, settings, change, onExportAll, onImport, onRepaired }: DataSectionProps) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="lg">
      <div>
        <Title order={3} size="h5" mb="xs">
          {t('store.title')}
        </Title>
        {app && app.store !== 'ready' ? (
          <StoreProblemNotice state={app.store} onRepaired={onRepaired} />
        ) : (
          <Notice color="teal" icon={<IconCircleCheck />}>
            {t('store.ready')}
          </Notice>
        )}
        <Text size="sm" mt="sm">
          {t('store.backups')}
        </Text>
        <Group mt="sm">
          <Button variant="default" leftSection={<IconDownload size={16} />} onClick={onExportAll}>
            {t('store.exportAll')}
          </Button>
          <Button variant="default" leftSection={<IconUpload size={16} />} onClick={onImport}>
            {t('store.import')}
          </Button>
        </Group>
      </div>
      {settings && <CacheSection settings={settings} change={change} />}
      <div>
        <Title order={3} size="h5" mb="xs">
          {t('privacy.title')}
        </Title>
        <List spacing="xs" size="sm" icon={<IconLock size={16} aria-hidden />}>
          {(['local', 'telemetry', 'links', 'deleted', 'temporary', 'encryption'] as const).map((key) => (
            <List.Item key={key}>{t(`privacy.${key}`)}</List.Item>
          ))}
        </List>
      </div>
    </Stack>
  );
}
