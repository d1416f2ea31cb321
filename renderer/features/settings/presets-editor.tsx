/** Named ways of asking: a system text and how words are chosen. */
import { Accordion, Button, EmptyState, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Preset } from '../../../preload/contract/settings.ts';
import { SamplingControls } from '../../ui/sampling-controls.tsx';
import { addPreset, presetFault, removePreset, replacePreset } from './preset-edit.ts';

interface PresetsEditorProps {
  presets: readonly Preset[];
  onChange(presets: Preset[]): void;
}

const mostPresets = 200;

export function PresetsEditor({ presets, onChange }: PresetsEditorProps) {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState<string | null>(null);
  const add = () => {
    onChange(addPreset(presets, t('presets.newName')));
    setOpen(`${presets.length}`);
  };
  return (
    <Stack gap="sm">
      {presets.length === 0 && (
        <EmptyState size="xs" title={t('presets.emptyTitle')} description={t('presets.emptyText')} />
      )}
      <Accordion value={open} onChange={setOpen} variant="contained">
        {presets.map((preset, index) => (
          // Presets have no names of their own that stay while they are edited.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Accordion.Item key={index} value={`${index}`}>
            <Accordion.Control>{preset.name}</Accordion.Control>
            <Accordion.Panel>
              <PresetForm
                preset={preset}
                faultOf={(edited) => presetFault(presets, index, edited)}
                onSave={(edited) => {
                  onChange(replacePreset(presets, index, edited));
                  setOpen(null);
                }}
                onRemove={() => {
                  setOpen(null);
                  onChange(removePreset(presets, index));
                }}
              />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          disabled={presets.length >= mostPresets}
          onClick={add}
        >
          {t('presets.add')}
        </Button>
      </Group>
    </Stack>
  );
}

interface PresetFormProps {
  preset: Preset;
  faultOf(preset: Preset): 'empty' | 'taken' | null;
  onSave(preset: Preset): void;
  onRemove(): void;
}

function PresetForm({ preset, faultOf, onSave, onRemove }: PresetFormProps) {
  const { t } = useTranslation('settings');
  const [edited, setEdited] = useState(preset);
  const fault = faultOf(edited);
  return (
    <Stack gap="sm">
      <TextInput
        label={t('presets.name')}
        value={edited.name}
        maxLength={100}
        error={fault && t(`presets.faults.${fault}`)}
        onChange={(event) => setEdited({ ...edited, name: event.currentTarget.value })}
      />
      <Textarea
        label={t('presets.systemText')}
        description={t('presets.systemHint')}
        autosize
        minRows={2}
        maxRows={10}
        value={edited.systemText ?? ''}
        onChange={(event) =>
          setEdited({
            ...edited,
            systemText: event.currentTarget.value || null,
          })
        }
      />
      <SamplingControls value={edited.sampling} onChange={(sampling) => setEdited({ ...edited, sampling })} />
      <Group justify="space-between">
        <Button variant="subtle" color="red" leftSection={<IconTrash size={16} />} onClick={onRemove}>
          {t('presets.remove')}
        </Button>
        <Button disabled={fault !== null} onClick={() => onSave({ ...edited, name: edited.name.trim() })}>
          {t('presets.save')}
        </Button>
      </Group>
    </Stack>
  );
}
