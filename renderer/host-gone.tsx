/** The screen where the app behind the page does not answer. */
import { Button, Center, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { failureSentence } from './ui/show-failure.ts';

export function HostGone({ fault }: { fault: unknown }) {
  const { t } = useTranslation('chat');
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack align="center" maw="32rem">
        <Title order={1} size="h3">
          {t('gone')}
        </Title>
        <Text ta="center">{failureSentence(fault)}</Text>
        <Button onClick={() => location.reload()}>{t('list.again')}</Button>
      </Stack>
    </Center>
  );
}
