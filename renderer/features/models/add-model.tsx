/** A model that is on this computer already: a folder, a zip archive, or what another program has downloaded. */
import { Button, Card, Code, FileButton, Group, Text } from '@mantine/core';
import { IconFileZip, IconFolderOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Precision } from '../../../preload/contract/precision.ts';
import { api, uploadFile } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { CheckpointList } from './checkpoint-list.tsx';
import { PrecisionSelect } from './precision-select.tsx';

export function AddModel({ canChooseFolders }: { canChooseFolders: boolean }) {
  const { t } = useTranslation('models');
  const [precision, setPrecision] = useState<Precision>('int4');
  const [isUploading, setUploading] = useState(false);
  const importFolder = async () => {
    const { uploadId } = await api.chooseFolder({});
    if (uploadId !== null) await api.startImport({ source: { type: 'upload', uploadId }, precision });
  };
  const importArchive = async (file: File | null) => {
    if (!file) return;
    setUploading(true);
    try {
      await api.startImport({ source: { type: 'upload', uploadId: await uploadFile(file) }, precision });
    } finally {
      setUploading(false);
    }
  };
  return (
    <Card withBorder padding="md" component="section" aria-labelledby="add-model">
      <Text fw={600} component="h3" size="md" id="add-model">
        {t('add.title')}
      </Text>
      <Text size="sm" mt={4}>
        {t('add.words')}
      </Text>
      <PrecisionSelect value={precision} onChange={setPrecision} />
      <Group mt="sm">
        {canChooseFolders && (
          <Button
            variant="default"
            leftSection={<IconFolderOpen size={16} />}
            onClick={() => void importFolder().catch(showFailure)}
          >
            {t('add.folder')}
          </Button>
        )}
        <FileButton accept=".zip" onChange={(file) => void importArchive(file).catch(showFailure)}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              loading={isUploading}
              leftSection={<IconFileZip size={16} />}
            >
              {t('add.archive')}
            </Button>
          )}
        </FileButton>
      </Group>
      {!canChooseFolders && (
        <>
          <Text size="sm" mt="sm">
            {t('add.byCommand')}
          </Text>
          <Code block mt={4} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            npm run --silent cli -- models import FOLDER
          </Code>
        </>
      )}
      <CheckpointList precision={precision} />
    </Card>
  );
}
