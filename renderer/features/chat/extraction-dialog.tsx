/** Chooses the form that values are extracted into: one that comes with the app, or a JSON schema of one's own. */
import { Button, Group, Modal, SegmentedControl, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ExtractionForm, extractionForms, readSchema } from './built-in-prompts.ts';

type FormName = keyof typeof extractionForms;

const formNames = Object.keys(extractionForms) as FormName[];
const written = (schema: unknown) => JSON.stringify(schema, null, 2);

interface ExtractionDialogProps {
  onChoose(form: ExtractionForm): void;
  onClose(): void;
}

export function ExtractionDialog({ onChoose, onClose }: ExtractionDialogProps) {
  const { t } = useTranslation('chat');
  const [shown, setShown] = useState<FormName>('receipt');
  const [name, setName] = useState(t('extraction.receipt'));
  const [text, setText] = useState(() => written(extractionForms.receipt));
  const schema = readSchema(text);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('extraction.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <SegmentedControl
          fullWidth
          aria-label={t('extraction.forms')}
          value={shown}
          onChange={(value) => {
            const form = value as FormName;
            setShown(form);
            setName(t(`extraction.${form}`));
            setText(written(extractionForms[form]));
          }}
          data={formNames.map((form) => ({ value: form, label: t(`extraction.${form}`) }))}
        />
        <TextInput
          label={t('extraction.name')}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          autosize
          minRows={8}
          maxRows={18}
          label={t('extraction.schema')}
          description={t('extraction.schemaText')}
          error={schema ? null : t('extraction.wrong')}
          value={text}
          dir="ltr"
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.85rem' } }}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button
            disabled={!schema || name.trim() === ''}
            onClick={() => {
              if (schema) onChoose({ name: name.trim(), schema });
              onClose();
            }}
          >
            {t('extraction.use')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
