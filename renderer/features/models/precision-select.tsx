/** Chooses how weights are stored, with the price in words. */
import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Precision } from '../../../preload/contract/precision.ts';

const precisions: Precision[] = ['int4', 'int8', 'fp16', 'fp32'];

export function PrecisionSelect({ value, onChange }: { value: Precision; onChange(next: Precision): void }) {
  const { t } = useTranslation('models');
  return (
    <NativeSelect
      mt="sm"
      size="sm"
      label={t('convert.precision')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Precision)}
      data={precisions.map((precision) => ({
        value: precision,
        label: t(`convert.precisions.${precision}`),
      }))}
    />
  );
}
