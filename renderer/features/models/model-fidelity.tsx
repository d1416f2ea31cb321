/** What a model's precision costs, in words: the verdict first, then what it rests on. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../preload/contract/models.ts';

export function ModelFidelity({ sentences }: { sentences: NonNullable<Model['fidelity']> }) {
  const { i18n, t } = useTranslation('models');
  // A check of a later version may say what these words don't know: then its own sentence stands, in English.
  const say = ({ key, values, sentence }: (typeof sentences)[number]) =>
    i18n.t(key, { ns: 'models', ...values, defaultValue: sentence });
  return (
    <>
      <Text size="sm" fw={600} mt="sm" component="h4">
        {t('fidelityTitle')}
      </Text>
      {sentences.map((told, index) => (
        <Text key={told.key} size={index === 0 ? 'sm' : 'xs'} {...(index > 0 && { c: 'dimmed' })}>
          {say(told)}
        </Text>
      ))}
    </>
  );
}
