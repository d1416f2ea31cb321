/** How answers are written where a conversation says nothing else, and the presets. */
import { Stack, Text, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Sampling, Settings } from '../../../preload/contract/settings.ts';
import { SamplingControls } from '../../ui/sampling-controls.tsx';
import { PresetsEditor } from './presets-editor.tsx';
import type { SettingsControl } from './use-settings.ts';

interface SectionProps {
  settings: Settings;
  change: SettingsControl['change'];
}

/** A number is kept once its digits are typed. */
const typingPauseMs = 400;

export function AnswersSection({ settings, change }: SectionProps) {
  const { t } = useTranslation('settings');
  const [sampling, setSampling] = useState<Sampling>(settings.sampling);
  const keep = useDebouncedCallback((next: Sampling) => change({ sampling: next }), {
    delay: typingPauseMs,
    flushOnUnmount: true,
  });
  return (
    <Stack gap="lg">
      <div>
        <Title order={3} size="h5">
          {t('sampling.title')}
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          {t('sampling.text')}
        </Text>
        <SamplingControls
          value={sampling}
          onChange={(next) => {
            setSampling(next);
            keep(next);
          }}
        />
      </div>
      <div>
        <Title order={3} size="h5">
          {t('presets.title')}
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          {t('presets.text')}
        </Text>
        <PresetsEditor presets={settings.presets} onChange={(presets) => change({ presets })} />
      </div>
    </Stack>
  );
}
