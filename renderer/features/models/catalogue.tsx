/** The published family, and any other repository: what it takes, whether it fits this machine, and fetching it. */
import { Badge, Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CatalogueEntry } from '../../../preload/contract/model-jobs.ts';
import { api } from '../../api.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence, showFailure } from '../../ui/show-failure.ts';
import { speedText } from './describe-model.ts';
import { RepositoryCard } from './repository-card.tsx';
import { useJudgement } from './use-judgement.ts';

const kinds = ['chat', 'hf', 'instruct', 'pretrained', 'critic'] as const;
type Kind = (typeof kinds)[number];

const kindOf = ({ layout, training }: CatalogueEntry): Kind => (layout === 'hf' ? 'hf' : training);

export function Catalogue() {
  const { t } = useTranslation('models');
  const [entries, setEntries] = useState<readonly CatalogueEntry[]>([]);
  const [kind, setKind] = useState<Kind>('chat');
  const [text, setText] = useState('');
  const { judging, judge, dismiss } = useJudgement();
  useEffect(() => {
    api.listCatalogue({}).then((answer) => setEntries(answer.entries), showFailure);
  }, []);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') judge(text);
  };
  return (
    <section aria-labelledby="catalogue">
      <Text fw={600} component="h3" size="md" id="catalogue">
        {t('catalogue.title')}
      </Text>
      <Text size="sm" c="dimmed">
        {t('catalogue.network')}
      </Text>
      <form onSubmit={ask}>
        <Group mt="sm" align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            size="sm"
            label={t('catalogue.repository')}
            placeholder="OpenGVLab/InternVL3-1B"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button
            type="submit"
            flex="none"
            variant="default"
            loading={judging.step === 'asking'}
            leftSection={<IconSearch size={16} />}
          >
            {t('catalogue.look')}
          </Button>
        </Group>
      </form>
      {judging.step === 'failed' && (
        <Notice mt="sm" color="red" title={t('catalogue.notReached')}>
          {failureSentence(judging.error)}
        </Notice>
      )}
      {judging.step === 'judged' && <RepositoryCard judgement={judging.judgement} onDone={dismiss} />}
      <NativeSelect
        mt="md"
        size="sm"
        label={t('catalogue.kind')}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Kind)}
        data={kinds.map((value) => ({ value, label: t(`catalogue.kinds.${value}`) }))}
      />
      <Text size="sm" mt="xs">
        {t(`catalogue.kindNotes.${kind}`)}
      </Text>
      <Stack gap="xs" mt="sm" component="ul" p={0} style={{ listStyle: 'none' }}>
        {entries
          .filter((entry) => kindOf(entry) === kind)
          .map((entry) => (
            <EntryRow key={entry.repository} entry={entry} onChoose={() => judge(entry.repository)} />
          ))}
      </Stack>
    </section>
  );
}

function EntryRow({ entry, onChoose }: { entry: CatalogueEntry; onChoose(): void }) {
  const { t, i18n } = useTranslation('models');
  const { fit } = entry;
  const size = (sizeBytes: number) => formatBytes(sizeBytes, i18n.language);
  const name = entry.repository.split('/').at(-1)!;
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
          <Group gap="xs">
            <Text fw={600} size="sm">
              {name}
            </Text>
            {entry.isRecommended && (
              <Badge variant="light" color="teal">
                {t('catalogue.recommended')}
              </Badge>
            )}
            {fit.memory !== 'fits' && (
              <Badge variant="light" color="gray">
                {t(`catalogue.memory.${fit.memory}`)}
              </Badge>
            )}
            {!fit.hasDisk && (
              <Badge variant="light" color="gray">
                {t('catalogue.noDisk')}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed">
            {[
              t('catalogue.fetch', { size: size(entry.weightBytes) }),
              t('catalogue.disk', { size: size(fit.diskBytes) }),
              t('catalogue.needs', { size: size(fit.memoryBytes) }),
              entry.expected && speedText(entry.expected, t, i18n.language),
              entry.license,
            ]
              .filter((words) => words !== null)
              .join(' · ')}
          </Text>
        </div>
        <Button
          flex="none"
          size="xs"
          variant="default"
          onClick={onChoose}
          aria-label={t('catalogue.chooseNamed', { name })}
        >
          {t('catalogue.choose')}
        </Button>
      </Group>
    </li>
  );
}
