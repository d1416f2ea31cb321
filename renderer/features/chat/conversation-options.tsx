/** How one conversation is answered: system text, sampling, presets, and what happens when the context is full. */
import { Button, Group, Modal, SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation, ConversationPatch } from '../../../preload/contract/conversations.ts';
import type { Preset } from '../../../preload/contract/settings.ts';
import { SamplingControls } from '../../ui/sampling-controls.tsx';

export type AnswerOptions = Pick<Conversation, 'systemText' | 'sampling' | 'contextPolicy' | 'thinking'>;

interface ConversationOptionsProps {
  options: AnswerOptions;
  presets: readonly Preset[];
  onChange(patch: Pick<ConversationPatch, 'systemText' | 'sampling' | 'contextPolicy'>): void;
  onClose(): void;
}

export function ConversationOptions({ options, presets, onChange, onClose }: ConversationOptionsProps) {
  const { t } = useTranslation('chat');
  const [systemText, setSystemText] = useState(options.systemText ?? '');
  const [sampling, setSampling] = useState(options.sampling);
  const [contextPolicy, setContextPolicy] = useState(options.contextPolicy);
  const usePreset = (name: string | null) => {
    const preset = presets.find((one) => one.name === name);
    if (!preset) return;
    setSystemText(preset.systemText ?? '');
    setSampling(preset.sampling);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('options.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        {presets.length > 0 && (
          <Select
            label={t('options.preset')}
            placeholder={t('options.choosePreset')}
            data={presets.map(({ name }) => name)}
            onChange={usePreset}
          />
        )}
        <Textarea
          autosize
          minRows={2}
          maxRows={10}
          dir="auto"
          label={t('options.system')}
          description={t('options.systemText')}
          value={systemText}
          onChange={(event) => setSystemText(event.currentTarget.value)}
        />
        <SamplingControls value={sampling} onChange={setSampling} />
        <div>
          <Text size="sm" fw={500} mb={4} id="context-policy">
            {t('options.context')}
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="context-policy"
            value={contextPolicy}
            onChange={(value) => setContextPolicy(value as AnswerOptions['contextPolicy'])}
            data={[
              { value: 'stop', label: t('options.stop') },
              { value: 'dropOldest', label: t('options.dropOldest') },
            ]}
          />
        </div>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button
            onClick={() => {
              onChange({ systemText: systemText.trim() === '' ? null : systemText, sampling, contextPolicy });
              onClose();
            }}
          >
            {t('options.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
