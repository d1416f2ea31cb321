/** The first screen: what this is, that nothing leaves the machine, and two ways on, neither of which needs a network. */
import { Button, Card, Container, Group, List, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconArrowRight, IconCube, IconDeviceFloppy, IconFileSearch, IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Sample } from '../../../preload/contract/attachment-endpoints.ts';
import direction from '../../ui/direction.module.css';
import { SampleList } from './sample-list.tsx';

export interface FirstRunProps {
  /** Begin a conversation with this sample and its question. */
  onTrySample(sample: Sample): void;
  onOpenModels(): void;
  /** Straight into an empty conversation. */
  onDone(): void;
}

const promises = [
  { key: 'ask', Icon: IconFileSearch },
  { key: 'private', Icon: IconLock },
  { key: 'kept', Icon: IconDeviceFloppy },
] as const;

export function FirstRun({ onTrySample, onOpenModels, onDone }: FirstRunProps) {
  const { t } = useTranslation('conversations');
  return (
    <Container component="main" size="md" py={{ base: 'md', sm: 'xl' }}>
      <Stack gap="xl">
        <div>
          <Title order={1}>{t('firstRun.title')}</Title>
          <Text c="dimmed" mt="xs" size="lg">
            {t('firstRun.subtitle')}
          </Text>
        </div>
        <List spacing="md" center ps={0} styles={{ itemWrapper: { alignItems: 'flex-start' } }}>
          {promises.map(({ key, Icon }) => (
            <List.Item
              key={key}
              icon={
                <ThemeIcon variant="light" size={36} radius="md">
                  <Icon size={20} aria-hidden />
                </ThemeIcon>
              }
            >
              <Text fw={600}>{t(`firstRun.promises.${key}.title`)}</Text>
              <Text size="sm" c="dimmed">
                {t(`firstRun.promises.${key}.text`)}
              </Text>
            </List.Item>
          ))}
        </List>
        <Card withBorder padding="lg" component="section" aria-labelledby="first-run-demo">
          <Title order={2} size="h4" id="first-run-demo">
            {t('firstRun.demo.title')}
          </Title>
          <Text size="sm" c="dimmed" mt={4} mb="md">
            {t('firstRun.demo.text')}
          </Text>
          <SampleList onTrySample={onTrySample} />
        </Card>
        <Card withBorder padding="lg" component="section" aria-labelledby="first-run-model">
          <Title order={2} size="h4" id="first-run-model">
            {t('firstRun.model.title')}
          </Title>
          <Text size="sm" c="dimmed" mt={4} mb="md">
            {t('firstRun.model.text')}
          </Text>
          <Group>
            <Button leftSection={<IconCube size={16} />} onClick={onOpenModels}>
              {t('firstRun.model.open')}
            </Button>
          </Group>
        </Card>
        <Group justify="flex-end">
          <Button
            variant="subtle"
            rightSection={<IconArrowRight size={16} className={direction.mirrored} />}
            onClick={onDone}
          >
            {t('firstRun.skip')}
          </Button>
        </Group>
      </Stack>
    </Container>
  );
}
