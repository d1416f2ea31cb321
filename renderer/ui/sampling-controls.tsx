/** How an answer's words are chosen: every field may stay empty and then takes the engine's default, which it shows. */
import { NumberInput, type NumberInputProps, SimpleGrid, TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Sampling } from '../../preload/contract/settings.ts';

interface SamplingControlsProps {
  value: Sampling;
  onChange(value: Sampling): void;
}

type NumberKey = Exclude<keyof Sampling, 'stopStrings'>;

/** Limits as in the contract; defaults as in native-models/inference/generation-types.ts. */
const fields: { key: NumberKey; least: number; most: number; step: number; preset: number }[] = [
  { key: 'temperature', least: 0, most: 5, step: 0.1, preset: 0 },
  { key: 'maxNewTokens', least: 1, most: 131_072, step: 256, preset: 1024 },
  { key: 'topP', least: 0.01, most: 1, step: 0.05, preset: 1 },
  { key: 'topK', least: 0, most: 200_000, step: 10, preset: 0 },
  { key: 'minP', least: 0, most: 1, step: 0.01, preset: 0 },
  { key: 'repetitionPenalty', least: 0.1, most: 10, step: 0.05, preset: 1 },
  { key: 'seed', least: 0, most: 0xffff_ffff, step: 1, preset: 0 },
];
const whole = new Set<NumberKey>(['maxNewTokens', 'topK', 'seed']);

export function SamplingControls({ value, onChange }: SamplingControlsProps) {
  const { t } = useTranslation('settings');
  const set = (key: NumberKey, entered: Parameters<NonNullable<NumberInputProps['onChange']>>[0]) => {
    const { [key]: _before, ...others } = value;
    onChange(
      typeof entered === 'number' && Number.isFinite(entered) ? { ...others, [key]: entered } : others,
    );
  };
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" style={{ alignItems: 'end' }}>
      {fields.map(({ key, least, most, step, preset }) => (
        <NumberInput
          key={key}
          label={t(`sampling.${key}.label`)}
          description={t(`sampling.${key}.text`)}
          placeholder={`${preset}`}
          value={value[key] ?? ''}
          min={least}
          max={most}
          step={step}
          allowDecimal={!whole.has(key)}
          clampBehavior="strict"
          onChange={(entered) => set(key, entered)}
        />
      ))}
      <TagsInput
        label={t('sampling.stopStrings.label')}
        description={t('sampling.stopStrings.text')}
        value={value.stopStrings ?? []}
        maxTags={16}
        onChange={(stopStrings) => {
          const { stopStrings: _before, ...others } = value;
          onChange(stopStrings.length > 0 ? { ...others, stopStrings } : others);
        }}
      />
    </SimpleGrid>
  );
}
