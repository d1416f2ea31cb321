/** Changes an answer's words by hand, as a version beside the model's own. */
import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../preload/contract/conversations.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { textOf } from './live-answers.ts';

interface EditAnswerProps {
  message: Message;
  onDone(): void;
  onClose(): void;
}

export function EditAnswer({ message, onDone, onClose }: EditAnswerProps) {
  const { t } = useTranslation('chat');
  const [text, setText] = useState(() => textOf(message));
  const save = () => {
    api.rewriteMessage({ messageId: message.id, text }).then(() => {
      onDone();
      onClose();
    }, showFailure);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('edit.answerTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Textarea
        autosize
        minRows={6}
        maxRows={20}
        dir="auto"
        value={text}
        aria-label={t('edit.answerTitle')}
        description={t('edit.answerKept')}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button onClick={save}>{t('edit.save')}</Button>
      </Group>
    </Modal>
  );
}
