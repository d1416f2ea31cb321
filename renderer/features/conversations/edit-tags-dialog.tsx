/** The tags of one conversation; a name that is new becomes a tag. */
import { Button, Group, Modal, Stack, TagsInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation, Tag } from '../../../preload/contract/conversations.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

interface EditTagsDialogProps {
  conversation: Conversation;
  tags: readonly Tag[];
  onClose(): void;
  onSaved(conversation: Conversation): void;
}

export function EditTagsDialog({ conversation, tags, onClose, onSaved }: EditTagsDialogProps) {
  const { t } = useTranslation('conversations');
  const [names, setNames] = useState(
    tags.filter(({ id }) => conversation.tagIds.includes(id)).map(({ name }) => name),
  );
  const save = async () => {
    try {
      // `createTag` answers with the tag of that name where there is one.
      const chosen = await Promise.all(names.map((name) => api.createTag({ name: name.slice(0, 100) })));
      onSaved(
        await api.updateConversation({
          id: conversation.id,
          patch: { tagIds: chosen.map(({ id }) => id) },
        }),
      );
      onClose();
    } catch (error) {
      showFailure(error);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('tags.editTitle')} centered>
      <Stack>
        <TagsInput
          data-autofocus
          label={t('tags.list')}
          description={t('tags.editHint')}
          data={tags.map(({ name }) => name)}
          value={names}
          onChange={setNames}
          clearable
          clearButtonProps={{ 'aria-label': t('tags.clear') }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button onClick={() => void save()}>{t('save')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
