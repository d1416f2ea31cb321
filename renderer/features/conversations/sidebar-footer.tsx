/** The ways out of the sidebar: models, settings, and the whole archive in and out. */
import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { IconCube, IconDotsVertical, IconDownload, IconSettings, IconUpload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './conversations.module.css';
import type { SidebarProps } from './sidebar.tsx';

type SidebarFooterProps = Pick<SidebarProps, 'onOpenModels' | 'onOpenSettings' | 'onExport' | 'onImport'>;

export function SidebarFooter({ onOpenModels, onOpenSettings, onExport, onImport }: SidebarFooterProps) {
  const { t } = useTranslation('conversations');
  return (
    <Group className={classes.footer} gap={4} wrap="nowrap">
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        fz={13}
        fw={500}
        leftSection={<IconCube size={16} />}
        aria-label={t('models')}
        classNames={{ section: classes.footerSign, label: classes.footerLabel }}
        onClick={onOpenModels}
      >
        {t('models')}
      </Button>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        fz={13}
        fw={500}
        leftSection={<IconSettings size={16} />}
        aria-label={t('settings')}
        classNames={{ section: classes.footerSign, label: classes.footerLabel }}
        onClick={onOpenSettings}
      >
        {t('settings')}
      </Button>
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
