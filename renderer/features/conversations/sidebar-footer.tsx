/** The ways out of the sidebar: models, settings, and the whole archive in and out. */
import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { IconCube, IconDotsVertical, IconDownload, IconSettings, IconUpload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './conversations.module.css';
import type { SidebarProps } from './sidebar.tsx';

type SidebarFooterProps = Pick<SidebarProps, 'onOpenModels' | 'onOpenSettings' | 'onExport' | 'onImport'>;

export function SidebarFooter({ onOpenModels, onOpenSettings, onExport, onImport }: SidebarFooterProps) {
  const { t } = useTranslation('conversations');
  return (
    <Group className={classes.footer} gap={4} wrap="nowrap">
      <FooterButton label={t('models')} sign={<IconCube size={16} />} onClick={onOpenModels} />
      <FooterButton label={t('settings')} sign={<IconSettings size={16} />} onClick={onOpenSettings} />
      <Menu withInitialFocusPlaceholder={false} position="top-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" ms="auto" aria-label={t('more')}>
            <IconDotsVertical size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => onExport(null)}>
            {t('export.all')}
          </Menu.Item>
          <Menu.Item leftSection={<IconUpload size={16} />} onClick={onImport}>
            {t('import.open')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

/** Its label is named for screen readers too, since a narrow sidebar shows the sign alone. */
function FooterButton({ label, sign, onClick }: { label: string; sign: ReactNode; onClick(): void }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      fz={13}
      fw={500}
      leftSection={sign}
      aria-label={label}
      classNames={{ section: classes.footerSign, label: classes.footerLabel }}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}
