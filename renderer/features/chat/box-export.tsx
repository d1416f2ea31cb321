/** Saves an answer's boxes for other programs. */
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { saveFile } from '../../ui/save-file.ts';
import { showFailure } from '../../ui/show-failure.ts';

export function BoxExport({ messageId }: { messageId: MessageId }) {
  const { t } = useTranslation('chat');
  const save = (format: 'json' | 'coco') => {
    api
      .exportBoxes({ messageId, format })
      .then(
        ({ fileName, text }) => saveFile(new Blob([text], { type: 'application/json' }), fileName),
        showFailure,
      );
  };
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          style={{ alignSelf: 'flex-start' }}
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('boxes.save')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save('json')}>{t('boxes.json')}</Menu.Item>
        <Menu.Item onClick={() => save('coco')}>{t('boxes.coco')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
