/** Adding a server: its address and key, what it says of itself, and which of its models is to be used. */
import { Button, Card, PasswordInput, Switch, Text, TextInput } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelId } from '../../../preload/contract/ids.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { FoundServer } from './remote-found-server.tsx';
import { useOfflineSwitch, useServerTrial } from './use-remote-server.ts';

export function RemoteServerForm({ onAdded }: { onAdded(id: ModelId): void }) {
  const { t } = useTranslation('remote');
  const [address, setAddress] = useState('');
  const [key, setKey] = useState('');
  const { trial, ask, add, dismiss } = useServerTrial();
  const { isOffline, setOffline } = useOfflineSwitch();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() !== '') ask({ url: address.trim(), key: key.trim() || null });
  };
  const choose = async (model: string) => {
    const id = await add(model);
    if (id === null) return;
    setAddress('');
    setKey('');
    onAdded(id);
  };
  return (
    <Card withBorder padding="md" component="section" aria-labelledby="add-server">
      <Text fw={600} component="h3" size="md" id="add-server">
        {t('title')}
      </Text>
      <Text size="sm" mt={4}>
        {t('words')}
      </Text>
      <Switch
        mt="sm"
        label={t('offline')}
        description={t('offlineWords')}
        checked={isOffline}
        onChange={(event) => setOffline(event.currentTarget.checked)}
      />
      {isOffline ? (
        <Text size="sm" mt="sm" c="dimmed">
          {t('offlineNow')}
        </Text>
      ) : (
        <form onSubmit={submit}>
          <TextInput
            mt="sm"
            size="sm"
            label={t('address')}
            description={t('addressWords')}
            placeholder="https://gpu.example.org:23333"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <PasswordInput
            mt="xs"
            size="sm"
            label={t('key')}
            description={t('keyWords')}
            autoComplete="off"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          <Button
            type="submit"
            mt="sm"
            variant="default"
            loading={trial.step === 'asking'}
            disabled={address.trim() === ''}
            leftSection={<IconPlugConnected size={16} />}
          >
            {t('ask')}
          </Button>
        </form>
      )}
      {trial.step === 'failed' && (
        <Notice mt="sm" color="red" title={t('notReached')}>
          {failureSentence(trial.error)}
        </Notice>
      )}
      {trial.step === 'found' && !isOffline && (
        <FoundServer server={trial.server} onChoose={(model) => void choose(model)} onDismiss={dismiss} />
      )}
    </Card>
  );
}
