/** Files of earlier conversations, to be asked about again. */
import { Button, Center, Modal, SimpleGrid, Text, UnstyledButton } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type NamedAttachment, viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

interface ReuseDialogProps {
  onChoose(chosen: NamedAttachment): void;
  onClose(): void;
}

export function ReuseDialog({ onChoose, onClose }: ReuseDialogProps) {
  const { t } = useTranslation('chat');
  const [known, setKnown] = useState<readonly NamedAttachment[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const read = useCallback((from: string | null) => {
    api.listAttachments({ cursor: from }).then(({ attachments, nextCursor }) => {
      setKnown((before) => [...before, ...attachments]);
      setCursor(nextCursor);
    }, showFailure);
  }, []);
  useEffect(() => read(null), [read]);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('reuse.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {cursor !== undefined && known.length === 0 && (
        <Center p="xl">
          <Text c="dimmed">{t('reuse.none')}</Text>
        </Center>
      )}
      <SimpleGrid cols={{ base: 2, xs: 3, sm: 4 }}>
        {known.map((entry) => (
          <UnstyledButton
            key={`${entry.attachment.id}-${entry.name}`}
            onClick={() => {
              onChoose(entry);
              onClose();
            }}
          >
            {entry.attachment.hasThumbnail && (
              <img
                src={`/${viewPath(entry.attachment.id, { maxSide: 256 })}`}
                alt=""
                loading="lazy"
                style={{ width: '100%', height: '7rem', objectFit: 'contain' }}
              />
            )}
            <Text size="xs" truncate>
              {entry.name}
            </Text>
          </UnstyledButton>
        ))}
      </SimpleGrid>
      {cursor && (
        <Center mt="md">
          <Button variant="default" size="xs" onClick={() => read(cursor)}>
            {t('reuse.more')}
          </Button>
        </Center>
      )}
    </Modal>
  );
}
