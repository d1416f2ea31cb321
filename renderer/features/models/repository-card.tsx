/** One repository of the Hub as it was judged, and the way to fetch it. */
import { Button, Card, Checkbox, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Judgement } from '../../../preload/contract/model-jobs.ts';
import type { Precision } from '../../../preload/contract/precision.ts';
import { api } from '../../api.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { PrecisionSelect } from './precision-select.tsx';

export function RepositoryCard({ judgement, onDone }: { judgement: Judgement; onDone(): void }) {
  const { t, i18n } = useTranslation('models');
  const [precision, setPrecision] = useState<Precision>('int4');
  const [keepCheckpoint, setKeepCheckpoint] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { repository, fits, reason, license, isGated, downloadBytes } = judgement;
  const size = (sizeBytes: number) => formatBytes(sizeBytes, i18n.language);
  const fit = fits?.[precision];
  const fetch = async () => {
    setStarting(true);
    setFailure(null);
    try {
      await api.startDownload({ repository, precision, keepCheckpoint });
      onDone();
    } catch (error) {
      setFailure(failureSentence(error));
    } finally {
      setStarting(false);
    }
  };
  return (
    <Card withBorder mt="sm" padding="md" component="section" aria-label={repository}>
      <Text fw={600} component="h4" size="sm">
        {repository}
      </Text>
      <Text size="sm" c="dimmed">
        {[
          fits && t('catalogue.fetch', { size: size(downloadBytes) }),
          license === null ? t('repository.noLicense') : t('repository.license', { license }),
          isGated && t('repository.gated'),
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      {reason && (
        <Notice mt="sm" color="red" icon={<IconAlertTriangle size={18} />} title={t('repository.cantRun')}>
          {failureSentence(reason)}
        </Notice>
      )}
      {fit && (
        <>
          <PrecisionSelect value={precision} onChange={setPrecision} />
          <Text size="sm" mt="xs">
            {t('repository.takes', { disk: size(fit.diskBytes), memory: size(fit.memoryBytes) })}{' '}
            {t(`repository.memory.${fit.memory}`)} {!fit.hasDisk && t('repository.noDisk')}
          </Text>
          <Checkbox
            mt="sm"
            label={t('repository.keep')}
            checked={keepCheckpoint}
            onChange={(event) => setKeepCheckpoint(event.currentTarget.checked)}
          />
          {failure !== null && (
            <Notice mt="sm" color="red" title={t('repository.notStarted')}>
              {failure}
            </Notice>
          )}
          <Group mt="sm">
            <Button
              size="sm"
              loading={isStarting}
              leftSection={<IconDownload size={16} />}
              onClick={() => void fetch()}
            >
              {t('repository.fetch')}
            </Button>
            <Button size="sm" variant="default" onClick={onDone}>
              {t('close')}
            </Button>
          </Group>
        </>
      )}
    </Card>
  );
}
