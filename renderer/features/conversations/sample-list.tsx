/** Documents that come with the app, each one click away from its answer. */
import { Image, SimpleGrid, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Sample } from '../../../preload/contract/attachment-endpoints.ts';
import { api } from '../../api.ts';
import classes from './first-run.module.css';

/** Addresses of the pictures by file name, so that they show before anything is stored. */
const pictures = import.meta.glob<string>('../../../assets/samples/*.png', {
  eager: true,
  query: '?url',
  import: 'default',
});

interface SampleListProps {
  onTrySample(sample: Sample): void;
}

export function SampleList({ onTrySample }: SampleListProps) {
  const { t } = useTranslation('conversations');
  const [samples, setSamples] = useState<readonly Sample[] | null>(null);
  useEffect(() => {
    api.listSamples({}).then(
      (known) => setSamples(known.samples),
      () => setSamples([]),
    );
  }, []);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" role="group" aria-label={t('samples.label')}>
      {samples === null && [0, 1, 2, 3].map((place) => <Skeleton key={place} height={112} />)}
      {samples?.map((sample) => (
        <UnstyledButton key={sample.id} className={classes.sample} onClick={() => onTrySample(sample)}>
          <Image
            src={pictures[`../../../assets/samples/${sample.fileName}`]}
            alt=""
            h={64}
            w={96}
            fit="contain"
            className={classes.samplePicture}
          />
          <span>
            <Text component="span" display="block" size="sm" fw={600}>
              {sample.question}
            </Text>
            <Text component="span" size="xs" c="dimmed">
              {t('samples.ask', { name: sample.fileName })}
            </Text>
          </span>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}
