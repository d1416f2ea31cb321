/** Reads a model's files again, says whether they are as they were written, and has damaged ones made again. */
import { Button, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

type Check =
  | { step: 'idle' }
  | { step: 'running'; percent: number }
  | { step: 'checked'; damaged: readonly string[] };

export function FileCheck({ id, name }: { id: ModelId; name: string }) {
  const { t } = useTranslation('models');
  const [check, setCheck] = useState<Check>({ step: 'idle' });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const run = async () => {
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    setCheck({ step: 'running', percent: 0 });
    try {
      for await (const event of api.checkModelFiles({ id }, signal)) {
        if (signal.aborted) return;
        if (event.type === 'checked') setCheck({ step: 'checked', damaged: event.damaged });
        else
          setCheck({ step: 'running', percent: Math.floor((100 * event.done) / Math.max(event.total, 1)) });
      }
    } catch (error) {
      if (signal.aborted) return;
      setCheck({ step: 'idle' });
      showFailure(error);
    }
  };
  const isDamaged = check.step === 'checked' && check.damaged.length > 0;
  const repair = () => void api.repairModel({ id }).then(() => setCheck({ step: 'idle' }), showFailure);
  return (
    <>
      <Button
        size="compact-xs"
        mt="xs"
        variant="subtle"
        loading={check.step === 'running'}
        leftSection={<IconShieldCheck size={14} />}
        aria-label={t('files.checkNamed', { name })}
        onClick={() => void run()}
      >
        {t('files.check')}
      </Button>
      <Text size="xs" role="status">
        {check.step === 'running' && t('files.running', { percent: check.percent })}
        {check.step === 'checked' &&
          (check.damaged.length === 0
            ? t('files.whole')
            : t('files.damaged', { names: check.damaged.join(', ') }))}
      </Text>
      {isDamaged && (
        <Button size="xs" mt="xs" aria-label={t('files.repairNamed', { name })} onClick={repair}>
          {t('files.repair')}
        </Button>
      )}
    </>
  );
}
