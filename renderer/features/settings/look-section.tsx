/** Language, theme, text size and how a question is sent. */
import { Input, NativeSelect, SegmentedControl, Slider, Stack } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../../preload/contract/settings.ts';
import { isMac } from '../../ui/is-mac.ts';
import type { SettingsControl } from './use-settings.ts';

interface SectionProps {
  settings: Settings;
  change: SettingsControl['change'];
}

/** Each language in its own words, so that whoever is lost finds home. */
const languages = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
  { value: 'zh', label: '中文' },
];

export function LookSection({ settings, change }: SectionProps) {
  const { t, i18n } = useTranslation('settings');
  const sizeId = useId();
  const themeId = useId();
  const sendId = useId();
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' });
  return (
    <Stack gap="lg">
      <NativeSelect
        label={t('language.label')}
        value={settings.language}
        onChange={(event) =>
          change({
            language: event.currentTarget.value as Settings['language'],
          })
        }
        data={[{ value: 'system', label: t('language.system') }, ...languages]}
      />
      <Input.Wrapper label={t('theme.label')} labelElement="div" labelProps={{ id: themeId }}>
        <SegmentedControl
          fullWidth
          mt={4}
          aria-labelledby={themeId}
          value={settings.theme}
          onChange={(theme) => change({ theme: theme as Settings['theme'] })}
          data={(['system', 'light', 'dark', 'contrast'] as const).map((value) => ({
            value,
            label: t(`theme.${value}`),
          }))}
        />
      </Input.Wrapper>
      <Input.Wrapper label={t('textScale')} labelElement="div" labelProps={{ id: sizeId }}>
        <Slider
          mt="xs"
          mb="lg"
          mx="md"
          min={0.75}
          max={2}
          step={0.05}
          defaultValue={settings.textScale}
          label={(value) => percent.format(value)}
          marks={[1, 1.5, 2].map((value) => ({
            value,
            label: percent.format(value),
          }))}
          thumbProps={{ 'aria-labelledby': sizeId }}
          onChangeEnd={(textScale) => change({ textScale })}
        />
      </Input.Wrapper>
      <Input.Wrapper label={t('sendWith.label')} labelElement="div" labelProps={{ id: sendId }}>
        <SegmentedControl
          fullWidth
          mt={4}
          aria-labelledby={sendId}
          value={settings.sendWith}
          onChange={(sendWith) => change({ sendWith: sendWith as Settings['sendWith'] })}
          data={[
            { value: 'enter', label: t('sendWith.enter') },
            {
              value: 'mod-enter',
              label: t('sendWith.modEnter', { mod: isMac ? '⌘' : 'Ctrl' }),
            },
          ]}
        />
      </Input.Wrapper>
    </Stack>
  );
}
