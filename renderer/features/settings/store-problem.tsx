/** The screen in place of conversations while the store can't be opened. */
import { Center, Container, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { StoreProblemNotice, type StoreProblemNoticeProps } from './store-problem-notice.tsx';

export function StoreProblem(props: StoreProblemNoticeProps) {
  const { t } = useTranslation('settings');
  return (
    <Center component="main" mih="100dvh" p="md">
      <Container size="sm" p={0}>
        <Stack>
          <Title order={1} size="h2">
            {t('problem.title')}
          </Title>
          <Text>{t('problem.nothingLost')}</Text>
          <StoreProblemNotice {...props} />
        </Stack>
      </Container>
    </Center>
  );
}
