/** Saves one, several or all conversations as a file. */
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportFormat } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Notice } from '../../ui/notice.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { failureSentence } from '../../ui/show-failure.ts';
import { collectExport } from './collect-export.ts';

export interface ExportDialogProps {
  opened: boolean;
  /** Null: all conversations. */
  ids: readonly ConversationId[] | null;
  onClose(): void;
}

const formats: ExportFormat[] = ['html', 'markdown', 'json', 'zip'];

export function ExportDialog({ opened, ids, onClose }: ExportDialogProps) {
  const { t } = useTranslation('conversations');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={ids === null ? t('export.titleAll') : t('export.title', { count: ids.length })}
      closeButtonProps={{ 'aria-label': t('close') }}
      centered
    >
      <ExportForm ids={ids} onClose={onClose} />
    </Modal>
  );
}

function ExportForm({ ids, onClose }: Omit<ExportDialogProps, 'opened'>) {
  const { t, i18n } = useTranslation('conversations');
  const [format, setFormat] = useState<ExportFormat>('html');
  const [savedBytes, setSavedBytes] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);

  const save = async () => {
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    setFailure(null);
    setSavedBytes(0);
    try {
      const events = api.exportConversations({ ids: [...(ids ?? [])], format }, signal);
      const file = await collectExport(events, setSavedBytes);
      if (signal.aborted) return;
      saveFile(file.blob, file.fileName);
      onClose();
    } catch (error) {
      if (!signal.aborted) setFailure(failureSentence(error));
    } finally {
      if (!signal.aborted) setSavedBytes(null);
    }
  };

  const isSaving = savedBytes !== null;
  return (
    <Stack>
      <Radio.Group
        value={format}
        onChange={(value) => setFormat(value as ExportFormat)}
        label={t('export.format')}
      >
        <Stack gap="xs" mt="xs">
          {formats.map((value) => (
            <Radio
              key={value}
              value={value}
              disabled={isSaving}
              label={t(`export.formats.${value}.name`)}
              description={t(`export.formats.${value}.text`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {failure !== null && (
        <Notice color="red" title={t('export.failed')}>
          {failure}
        </Notice>
      )}
      <Group justify="flex-end">
        <Text size="sm" c="dimmed" me="auto" aria-live="polite">
          {isSaving
            ? t('export.progress', {
                size: formatBytes(savedBytes, i18n.language),
              })
            : ''}
        </Text>
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button loading={isSaving} onClick={() => void save()}>
          {t('export.save')}
        </Button>
      </Group>
    </Stack>
  );
}
