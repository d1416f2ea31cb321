/** What a server said of itself, and the choice among its models. */
import { Button, Group, List, NativeSelect, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DescribedServer } from '../../../preload/contract/remote-models.ts';

interface FoundServerProps {
  server: DescribedServer;
  onChoose(model: string): void;
  onDismiss(): void;
}

export function FoundServer({ server, onChoose, onDismiss }: FoundServerProps) {
  const { t, i18n } = useTranslation('remote');
  const [model, setModel] = useState(server.models[0]?.id ?? '');
  const number = new Intl.NumberFormat(i18n.language);
  const name = t('found', { server: server.server, host: server.host });
  return (
    <Paper withBorder p="sm" mt="sm" component="section" aria-label={name}>
      <Text fw={600} size="sm">
        {name}
      </Text>
      <NativeSelect
        mt="xs"
        size="sm"
        label={t('model')}
        value={model}
        onChange={(event) => setModel(event.currentTarget.value)}
        data={server.models.map(({ id, contextLength }) => ({
          value: id,
          label:
            contextLength === null ? id : t('contextOf', { model: id, tokens: number.format(contextLength) }),
        }))}
      />
      {server.gaps.length > 0 && (
        <>
          <Text size="sm" mt="xs">
            {t('gaps')}
          </Text>
          <List size="sm" c="dimmed">
            {server.gaps.map((gap) => (
              <List.Item key={gap}>{t(`gap.${gap}`)}</List.Item>
            ))}
          </List>
        </>
      )}
      <Text size="sm" mt="xs">
        {t('sentToWords', { host: server.host })}
      </Text>
      <Group mt="sm">
        <Button size="sm" onClick={() => onChoose(model)}>
          {t('add')}
        </Button>
        <Button size="sm" variant="subtle" onClick={onDismiss}>
          {t('dismiss')}
        </Button>
      </Group>
    </Paper>
  );
}
