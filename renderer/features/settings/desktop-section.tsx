/** What the app does outside its window: notifications, tray, screenshot hotkey. */
import { Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { AppDescription } from '../../../preload/contract/system.ts';
import { HotkeyField } from './hotkey-field.tsx';
import type { SettingsControl } from './use-settings.ts';

interface DesktopSectionProps {
  settings: Settings;
  change: SettingsControl['change'];
  app: AppDescription | null;
}

export function DesktopSection({ settings, change, app }: DesktopSectionProps) {
  const { t } = useTranslation('settings');
  const isDesktop = app?.host === 'electron';
  return (
    <Stack gap="lg">
      {app?.host === 'headless' && (
        <Text size="sm" c="dimmed">
          {t('desktop.headless')}
        </Text>
      )}
      <Switch
        label={t('notify.label')}
        description={t('notify.text')}
        checked={settings.notifyWhenDone}
        disabled={!isDesktop}
        onChange={(event) => change({ notifyWhenDone: event.currentTarget.checked })}
      />
      <Switch
        label={t('tray.label')}
        description={t('tray.text')}
        checked={settings.keepInTray}
        disabled={!isDesktop}
        onChange={(event) => change({ keepInTray: event.currentTarget.checked })}
      />
      <HotkeyField
        value={settings.regionHotkey}
        isDisabled={!app?.can.captureRegion}
        onChange={(regionHotkey) => change({ regionHotkey })}
      />
    </Stack>
  );
}
