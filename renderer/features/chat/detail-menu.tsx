/** How closely a file is looked at. */
import { Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Detail } from '../../../preload/contract/attachments.ts';

const details: readonly Detail[] = ['fast', 'balanced', 'smallPrint'];

export function DetailMenu({ detail, onChange }: { detail: Detail; onChange(detail: Detail): void }) {
  const { t } = useTranslation('chat');
  return (
    <Menu position="top-start" width={250}>
      <Menu.Target>
        <UnstyledButton
          fz="xs"
          style={{ whiteSpace: 'nowrap' }}
          p="2px 4px"
          aria-label={t('detail.label', { detail: t(`detail.${detail}`) })}
        >
          {t(`detail.${detail}`)} <IconChevronDown size={11} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {details.map((one) => (
          <Menu.Item
            key={one}
            onClick={() => onChange(one)}
            rightSection={one === detail && <IconCheck size={14} aria-hidden />}
          >
            {t(`detail.${one}`)}
            <br />
            <small>{t(`detail.${one}Text`)}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
