/** What the disk keeps of pictures and conversations that the model has read: how much, at most how much, and clearing it. */
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../../preload/contract/settings.ts';
import { api } from '../../api.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { showFailure } from '../../ui/show-failure.ts';
import type { SettingsControl } from './use-settings.ts';

interface CacheSectionProps {
  settings: Settings;
  change: SettingsControl['change'];
}

/** Gigabytes; 0 keeps nothing. */
const limits = [0, 1, 2, 4, 8, 16];

export function CacheSection({ settings, change }: CacheSectionProps) {
  const { t, i18n } = useTranslation('settings');
  const { cacheGigabytes } = settings;
  const { sizeBytes, measure } = useCacheSize(cacheGigabytes);
  const clear = () => void api.clearCaches({}).then(measure, showFailure);
  return (
    <div>
      <Title order={3} size="h5" mb="xs">
        {t('caches.title')}
      </Title>
      <Text size="sm" mb="sm">
        {t('caches.text')}
      </Text>
      <Group align="flex-end">
        <NativeSelect
          size="sm"
          label={t('caches.limit')}
          value={String(cacheGigabytes)}
          onChange={(event) => change({ cacheGigabytes: Number(event.currentTarget.value) })}
          data={[...new Set([...limits, cacheGigabytes])].map((value) => ({
            value: String(value),
            label: value === 0 ? t('caches.nothing') : formatBytes(value * 1e9, i18n.language),
          }))}
        />
        <Button
          variant="default"
          leftSection={<IconTrash size={16} />}
          disabled={sizeBytes === 0}
          onClick={clear}
        >
          {t('caches.clear')}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {sizeBytes === null ? '' : t('caches.size', { size: formatBytes(sizeBytes, i18n.language) })}
        </Text>
      </Group>
    </div>
  );
}

/** Null until it is known; measured again when the limit has changed. */
function useCacheSize(limit: number) {
  const [sizeBytes, setSizeBytes] = useState<number | null>(null);
  const measure = useCallback(() => {
    api.measureCaches({}).then((found) => setSizeBytes(found.sizeBytes), showFailure);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: setting the limit to nothing empties the cache
  useEffect(measure, [measure, limit]);
  return { sizeBytes, measure };
}
