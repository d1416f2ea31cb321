/** What is wrong with the store, what to do about it, and the repair where there is one. */
import { Button, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconRefresh, IconTool } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoreState } from '../../../preload/contract/system.ts';
import { api } from '../../api.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';

export interface StoreProblemNoticeProps {
  state: Exclude<StoreState, 'ready'>;
  /** The store works again: load everything anew. */
  onRepaired(): void;
}

type Repair =
  | { step: 'waiting'; failure: string | null }
  | { step: 'repairing' }
  | { step: 'done'; recoveredMessages: number };

/** How many steps each way out has; their words stand in the language files. */
const steps = {
  damaged: 2,
  newer: 2,
  'read-only': 2,
  'disk-full': 2,
  'in-use': 2,
} as const;

export function StoreProblemNotice({ state, onRepaired }: StoreProblemNoticeProps) {
  const { t } = useTranslation('settings');
  const [repair, setRepair] = useState<Repair>({
    step: 'waiting',
    failure: null,
  });
  const run = async () => {
    setRepair({ step: 'repairing' });
    try {
      const { recoveredMessages } = await api.repairStore({});
      setRepair({ step: 'done', recoveredMessages });
    } catch (error) {
      setRepair({ step: 'waiting', failure: failureSentence(error) });
    }
  };
  const lookAgain = async () => {
    try {
      const { store } = await api.describeApp({});
      if (store === 'ready') onRepaired();
      else setRepair({ step: 'waiting', failure: t('problem.still') });
    } catch (error) {
      setRepair({ step: 'waiting', failure: failureSentence(error) });
    }
  };
  if (repair.step === 'done') {
    return (
      <Notice color="teal" icon={<IconCircleCheck />} title={t('problem.repaired')} role="status">
        <Text size="sm">{t('problem.recovered', { count: repair.recoveredMessages })}</Text>
        <Button mt="sm" data-autofocus onClick={onRepaired}>
          {t('problem.goOn')}
        </Button>
      </Notice>
    );
  }
  return (
    <Notice color="orange" icon={<IconAlertTriangle />} title={t(`problem.${state}.title`)}>
      <Text size="sm">{t(`problem.${state}.text`)}</Text>
      <List size="sm" mt="xs" spacing={4}>
        {Array.from({ length: steps[state] }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps never change
          <List.Item key={index}>{t(`problem.${state}.step${(index + 1) as 1 | 2}`)}</List.Item>
        ))}
      </List>
      {repair.step === 'waiting' && repair.failure !== null && (
        <Text size="sm" fw={600} mt="sm" role="alert">
          {repair.failure}
        </Text>
      )}
      <Group mt="md">
        {state === 'damaged' ? (
          <Button
            leftSection={<IconTool size={16} />}
            loading={repair.step === 'repairing'}
            onClick={() => void run()}
          >
            {t('problem.repair')}
          </Button>
        ) : (
          <Button leftSection={<IconRefresh size={16} />} onClick={() => void lookAgain()}>
            {t('problem.lookAgain')}
          </Button>
        )}
      </Group>
    </Notice>
  );
}
