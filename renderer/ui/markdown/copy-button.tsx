/** Copies a text and says so for a moment. */
import { ActionIcon, CopyButton as Copy, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface CopyButtonProps {
  text: string;
  label?: string;
}

export function CopyButton({ text, label }: CopyButtonProps) {
  const { t } = useTranslation('chat');
  const name = label ?? t('copy.copy');
  return (
    <Copy value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('copy.copied') : name}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="md"
            aria-label={copied ? t('copy.copied') : name}
            onClick={copy}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </Copy>
  );
}
