/** Lays the first two pictures of a question side by side. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconColumns } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ComparedPicture } from './chat-types.ts';
import { firstPlaceOf, showsPicture, type TrayItem } from './tray.ts';

interface CompareButtonProps {
  items: readonly TrayItem[];
  onCompare(first: ComparedPicture, second: ComparedPicture): void;
}

export function CompareButton({ items, onCompare }: CompareButtonProps) {
  const { t } = useTranslation('chat');
  const [first, second] = items.flatMap((item) =>
    item.state === 'ready' && showsPicture(item.part)
      ? [{ subject: { attachment: item.attachment, name: item.name }, place: firstPlaceOf(item.part) }]
      : [],
  );
  if (!first || !second) return null;
  return (
    <Tooltip label={t('compare')}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        radius="xl"
        aria-label={t('compare')}
        onClick={() => onCompare(first, second)}
      >
        <IconColumns size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
