/** All settings, in sections. */
import { Modal, NativeSelect, Skeleton, Stack, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconApi,
  IconDatabase,
  IconDeviceDesktop,
  IconInfoCircle,
  IconKeyboard,
  IconMessage2Cog,
  IconPalette,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppDescription } from '../../../preload/contract/system.ts';
import { api } from '../../api.ts';
import { AboutSection } from './about-section.tsx';
import { AnswersSection } from './answers-section.tsx';
import { ApiSection } from './api-section.tsx';
import { DataSection } from './data-section.tsx';
import { DesktopSection } from './desktop-section.tsx';
import { LookSection } from './look-section.tsx';
import { ShortcutsSection } from './shortcuts-section.tsx';
import { useSettings } from './use-settings.ts';

const sections = [
  { key: 'look', Icon: IconPalette },
  { key: 'answers', Icon: IconMessage2Cog },
  { key: 'desktop', Icon: IconDeviceDesktop },
  { key: 'api', Icon: IconApi },
  { key: 'data', Icon: IconDatabase },
  { key: 'shortcuts', Icon: IconKeyboard },
  { key: 'about', Icon: IconInfoCircle },
] as const;

export type SettingsSection = (typeof sections)[number]['key'];

export interface SettingsDialogProps {
  opened: boolean;
  /** Where to begin; default: the look. */
  section?: SettingsSection;
  onClose(): void;
  onExportAll(): void;
  onImport(): void;
  /** The store was repaired: load everything anew. */
  onRepaired(): void;
}

export function SettingsDialog(props: SettingsDialogProps) {
  const { t } = useTranslation('settings');
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('title')}
      size="xl"
      fullScreen={isNarrow}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Sections {...props} isNarrow={isNarrow} />
    </Modal>
  );
}

function Sections(props: SettingsDialogProps & { isNarrow: boolean }) {
  const { t } = useTranslation('settings');
  const [section, setSection] = useState<SettingsSection>(props.section ?? 'look');
  const { settings, change } = useSettings();
  const app = useAppDescription();
  const panels: Record<SettingsSection, ReactNode> = {
    look: settings && <LookSection settings={settings} change={change} />,
    answers: settings && <AnswersSection settings={settings} change={change} />,
    desktop: settings && <DesktopSection settings={settings} change={change} app={app} />,
    api: <ApiSection />,
    data: (
      <DataSection
        app={app}
        settings={settings}
        change={change}
        onExportAll={props.onExportAll}
        onImport={props.onImport}
        onRepaired={props.onRepaired}
      />
    ),
    shortcuts: <ShortcutsSection />,
    about: <AboutSection app={app} />,
  };
  const panel = panels[section] ?? (
    <Stack>
      <Skeleton height={36} />
      <Skeleton height={36} />
    </Stack>
  );
  if (props.isNarrow) {
    return (
      <Stack>
        <NativeSelect
          aria-label={t('sections.label')}
          value={section}
          onChange={(event) => setSection(event.currentTarget.value as SettingsSection)}
          data={sections.map(({ key }) => ({
            value: key,
            label: t(`sections.${key}`),
          }))}
        />
        {panel}
      </Stack>
    );
  }
  return (
    <Tabs
      orientation="vertical"
      value={section}
      onChange={(value) => value && setSection(value as SettingsSection)}
      mih="28rem"
      styles={{ tabLabel: { textAlign: 'start' } }}
      keepMounted={false}
    >
      <Tabs.List aria-label={t('sections.label')} miw="11rem" flex="none">
        {sections.map(({ key, Icon }) => (
          <Tabs.Tab key={key} value={key} leftSection={<Icon size={18} aria-hidden />}>
            {t(`sections.${key}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {sections.map(({ key }) => (
        <Tabs.Panel key={key} value={key} ps="lg" miw={0}>
          {key === section && panel}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function useAppDescription(): AppDescription | null {
  const [app, setApp] = useState<AppDescription | null>(null);
  useEffect(() => {
    // Without it the sections show what holds everywhere.
    api.describeApp({}).then(setApp, () => {});
  }, []);
  return app;
}
