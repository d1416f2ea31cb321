/** Covers the page while files hover over it. */
import { Text } from '@mantine/core';
import { IconPhotoDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './chat.module.css';

export function DropCover() {
  const { t } = useTranslation('chat');
  return (
    <div className={css.dropCover}>
      <IconPhotoDown size={56} stroke={1.2} aria-hidden />
      <Text size="xl" fw={600}>
        {t('drop')}
      </Text>
    </div>
  );
}
