/** How the next question is asked: with a built-in prompt, with thoughts before the answer, with several answers. */
import { ActionIcon, Button, Menu, Text, Tooltip } from '@mantine/core';
import {
  IconBulb,
  IconBulbFilled,
  IconChartBar,
  IconClick,
  IconCopyCheck,
  IconFocusCentered,
  IconLanguage,
  IconListDetails,
  IconSparkles,
  IconTable,
  IconTextScan2,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type PromptName, promptNames } from './built-in-prompts.ts';

export interface ComposerToolsProps {
  isThinking: boolean;
  onThinking(on: boolean): void;
  /** Answers that are written to choose from; 1: no choice. */
  candidates: number;
  onCandidates(count: number): void;
  onPrompt(name: PromptName): void;
}

const icons = {
  text: IconTextScan2,
  table: IconTable,
  chart: IconChartBar,
  translation: IconLanguage,
  extraction: IconListDetails,
  grounding: IconFocusCentered,
  agent: IconClick,
};

const candidateCounts = [1, 2, 3, 4, 5, 6, 7, 8];

export function ComposerTools(props: ComposerToolsProps) {
  const { isThinking, onThinking, onPrompt } = props;
  const { t } = useTranslation('chat');
  return (
    <>
      <Menu position="top-start" width={300}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" radius="xl" aria-label={t('prompts.menu')}>
            <IconSparkles size={19} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {promptNames.map((name) => {
            const Icon = icons[name];
            return (
              <Menu.Item
                key={name}
                leftSection={<Icon size={16} aria-hidden />}
                onClick={() => onPrompt(name)}
              >
                {t(`prompts.${name}`)}
                <Text size="xs" c="dimmed">
                  {t(`prompts.${name}Text`)}
                </Text>
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={t('thinking.switchText')} multiline maw={280}>
        <ActionIcon
          variant={isThinking ? 'light' : 'subtle'}
          {...(isThinking ? {} : { color: 'gray' })}
          size="lg"
          radius="xl"
          aria-label={t('thinking.switch')}
          aria-pressed={isThinking}
          onClick={() => onThinking(!isThinking)}
        >
          {isThinking ? <IconBulbFilled size={19} /> : <IconBulb size={19} />}
        </ActionIcon>
      </Tooltip>
      <CandidatesMenu {...props} />
    </>
  );
}

function CandidatesMenu({ candidates, onCandidates }: ComposerToolsProps) {
  const { t } = useTranslation('chat');
  const label = t('candidates.menu');
  return (
    <Menu position="top-start" width={280}>
      <Menu.Target>
        {candidates > 1 ? (
          <Button
            variant="light"
            size="compact-sm"
            radius="xl"
            leftSection={<IconCopyCheck size={16} aria-hidden />}
            aria-label={`${label}: ${t('candidates.many', { count: candidates })}`}
          >
            {candidates}
          </Button>
        ) : (
          <ActionIcon variant="subtle" color="gray" size="lg" radius="xl" aria-label={label}>
            <IconCopyCheck size={19} />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('candidates.text')}</Menu.Label>
        <Menu.RadioGroup value={`${candidates}`} onChange={(count) => onCandidates(Number(count))}>
          {candidateCounts.map((count) => (
            <Menu.RadioItem key={count} value={`${count}`} closeMenuOnClick>
              {count === 1 ? t('candidates.one') : t('candidates.many', { count })}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
