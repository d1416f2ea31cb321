/** Records a key combination. */
import { Button, Group, Input, Kbd, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isMac } from '../../ui/is-mac.ts';
import { acceleratorKeys, acceleratorOf } from './accelerator.ts';

interface HotkeyFieldProps {
  value: string | null;
  isDisabled: boolean;
  onChange(value: string | null): void;
}

export function HotkeyField({ value, isDisabled, onChange }: HotkeyFieldProps) {
  const { t } = useTranslation('settings');
  const [isRecording, setRecording] = useState(false);
  return (
    <Input.Wrapper
      label={t('hotkey.label')}
      description={isDisabled ? t('hotkey.notHere') : t('hotkey.text')}
      labelElement="div"
    >
      <Group gap="xs" mt={6}>
        {value !== null && !isRecording && (
          <span>
            {acceleratorKeys(value, isMac).map((key) => (
              <Kbd key={key} me={4}>
                {key}
              </Kbd>
            ))}
          </span>
        )}
        <Button
          size="xs"
          variant={isRecording ? 'filled' : 'default'}
          disabled={isDisabled}
          onClick={() => setRecording(true)}
          onBlur={() => setRecording(false)}
          onKeyDown={(event) => {
            if (!isRecording) return;
            event.preventDefault();
            event.stopPropagation();
            if (event.key === 'Escape') return setRecording(false);
            const accelerator = acceleratorOf({
              ...modifiers(event),
              code: event.code,
            });
            if (accelerator === null) return;
            setRecording(false);
            onChange(accelerator);
          }}
        >
          {isRecording ? t('hotkey.recording') : t('hotkey.record')}
        </Button>
        {value !== null && !isRecording && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            disabled={isDisabled}
            onClick={() => onChange(null)}
          >
            {t('hotkey.remove')}
          </Button>
        )}
        {value === null && !isRecording && (
          <Text size="sm" c="dimmed">
            {t('hotkey.none')}
          </Text>
        )}
      </Group>
    </Input.Wrapper>
  );
}

function modifiers({
  ctrlKey,
  metaKey,
  altKey,
  shiftKey,
}: Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>) {
  return { ctrlKey, metaKey, altKey, shiftKey };
}
