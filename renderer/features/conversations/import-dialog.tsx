/** Takes in archives of this app, of ChatGPT and of LM Studio, and says what came of it. */
import { Button, FileButton, Group, List, Modal, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImportReport } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import { api, uploadFile } from '../../api.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';

export interface ImportDialogProps {
  opened: boolean;
  onClose(): void;
  onShow(id: ConversationId): void;
}

export function ImportDialog({ opened, onClose, onShow }: ImportDialogProps) {
  const { t } = useTranslation('conversations');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('import.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
      centered
    >
      <ImportForm onClose={onClose} onShow={onShow} />
    </Modal>
  );
}

type Progress =
  | { step: 'choose'; failure: string | null }
  | { step: 'reading'; name: string }
  | { step: 'done'; report: ImportReport };

function ImportForm({ onClose, onShow }: Omit<ImportDialogProps, 'opened'>) {
  const { t } = useTranslation('conversations');
  const [progress, setProgress] = useState<Progress>({
    step: 'choose',
    failure: null,
  });
  const read = async (file: File) => {
    setProgress({ step: 'reading', name: file.name });
    try {
      const uploadId = await uploadFile(file);
      setProgress({
        step: 'done',
        report: await api.importConversations({ uploadId }),
      });
    } catch (error) {
      setProgress({ step: 'choose', failure: failureSentence(error) });
    }
  };
  if (progress.step === 'done')
    return <ImportOutcome report={progress.report} onClose={onClose} onShow={onShow} />;
  const isReading = progress.step === 'reading';
  return (
    <Stack>
      <Text size="sm">{t('import.text')}</Text>
      <List size="sm" spacing="xs">
        {(['own', 'chatgpt', 'lmStudio'] as const).map((source) => (
          <List.Item key={source}>
            <Text span size="sm" fw={600}>
              {t(`import.sources.${source}.name`)}
            </Text>{' '}
            {t(`import.sources.${source}.how`)}
          </List.Item>
        ))}
      </List>
      {!isReading && progress.failure !== null && (
        <Notice color="red" title={t('import.failed')}>
          {progress.failure}
        </Notice>
      )}
      <Group justify="flex-end">
        <Text size="sm" c="dimmed" me="auto" aria-live="polite">
          {isReading ? t('import.reading', { name: progress.name }) : ''}
        </Text>
        <FileButton
          accept=".zip,.json,.jsonl,application/zip,application/json"
          onChange={(file) => file && void read(file)}
        >
          {(button) => (
            <Button {...button} loading={isReading} leftSection={<IconUpload size={16} />}>
              {t('import.choose')}
            </Button>
          )}
        </FileButton>
      </Group>
    </Stack>
  );
}

interface ImportOutcomeProps {
  report: ImportReport;
  onClose(): void;
  onShow(id: ConversationId): void;
}

function ImportOutcome({ report, onClose, onShow }: ImportOutcomeProps) {
  const { t } = useTranslation('conversations');
  const first = report.importedIds[0];
  return (
    <Stack>
      <Notice
        color={report.importedIds.length > 0 ? 'teal' : 'blue'}
        icon={<IconCircleCheck />}
        title={t('import.done', { count: report.importedIds.length })}
        role="status"
      >
        {report.importedIds.length > 0 && (
          <>
            <Text size="sm">{t('import.messages', { count: report.messages })}</Text>
            <Text size="sm">{t('import.attachments', { count: report.attachments })}</Text>
          </>
        )}
        {report.alreadyThere > 0 && (
          <Text size="sm">{t('import.alreadyThere', { count: report.alreadyThere })}</Text>
        )}
      </Notice>
      {report.leftOut.length > 0 && (
        <Notice color="yellow" title={t('import.leftOut', { count: report.leftOut.length })}>
          <List size="sm" mah={200} style={{ overflowY: 'auto' }}>
            {report.leftOut.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
        </Notice>
      )}
      <Group justify="flex-end">
        {first && (
          <Button
            variant="default"
            onClick={() => {
              onClose();
              onShow(first);
            }}
          >
            {t('import.show')}
          </Button>
        )}
        <Button data-autofocus onClick={onClose}>
          {t('close')}
        </Button>
      </Group>
    </Stack>
  );
}
