/** Under an answer that is one of several: why one was chosen, and all of them side by side. */
import { Badge, Button, Group, Loader, Modal, Text } from '@mantine/core';
import { IconArrowRight, IconColumns3 } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { splitThinking } from '../../../native-models/text/thinking-parser.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { Choice } from '../../../preload/contract/tasks.ts';
import { api } from '../../api.ts';
import { Markdown } from '../../ui/markdown/markdown.tsx';
import css from './candidates.module.css';
import { textOf } from './live-answers.ts';
import { Thought } from './thought.tsx';
import { useCritic } from './use-critic.ts';

interface CandidatesProps {
  conversationId: ConversationId;
  choice: Choice;
  shownId: MessageId;
  onShowBranch(id: MessageId): void;
}

export function Candidates({ conversationId, choice, shownId, onShowBranch }: CandidatesProps) {
  const { t } = useTranslation('chat');
  const [isOpen, setOpen] = useState(false);
  const why = useWhy(choice);
  const critic = useCritic(conversationId);
  return (
    <div className={css.note} role="note">
      <Text size="sm" flex={1}>
        {choice.chosenId === shownId ? why : t('candidates.notChosen')}
        {critic !== null && choice.method !== 'critic' && ` ${t('candidates.reading', { critic })}`}
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconColumns3 size={14} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {t('candidates.compare', { count: choice.candidates.length })}
      </Button>
      {isOpen && (
        <Modal
          opened
          onClose={() => setOpen(false)}
          size="min(96vw, 90rem)"
          title={t('candidates.title', { count: choice.candidates.length })}
          closeButtonProps={{ 'aria-label': t('close') }}
        >
          <Text size="sm" c="dimmed" mb="md">
            {why}
          </Text>
          <SideBySide
            choice={choice}
            shownId={shownId}
            onShow={(id) => {
              setOpen(false);
              onShowBranch(id);
            }}
          />
        </Modal>
      )}
    </div>
  );
}

function useWhy({ method, critic, chosenId, candidates }: Choice): string {
  const { t, i18n } = useTranslation('chat');
  const chosen = candidates.find(({ messageId }) => messageId === chosenId);
  const score = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
  const why = t(`candidates.${method}`, {
    votes: chosen?.votes ?? 1,
    count: candidates.length,
    critic: critic?.name,
    score: score.format(chosen?.criticScore ?? 0),
  });
  if (!critic?.absence) return why;
  return `${why} ${t('candidates.absence', { critic: critic.name, reason: critic.absence })}`;
}

interface SideBySideProps {
  choice: Choice;
  shownId: MessageId;
  onShow(id: MessageId): void;
}

function SideBySide({ choice, shownId, onShow }: SideBySideProps) {
  const { t, i18n } = useTranslation('chat');
  const messages = useCandidateMessages(choice);
  const number = (value: number) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 3, signDisplay: 'negative' }).format(value);
  if (!messages) return <Loader aria-label={t('list.loading')} />;
  return (
    <div className={css.columns}>
      {choice.candidates.map(({ messageId, votes, meanLogprob, criticScore }, at) => {
        const message = messages.get(messageId);
        if (!message) return null; // deleted since
        const isChosen = messageId === choice.chosenId;
        const { thought, isOpen, answer } = splitThinking(textOf(message));
        return (
          <article
            key={messageId}
            className={css.column}
            data-chosen={isChosen || undefined}
            aria-label={t('candidates.number', { number: at + 1 })}
          >
            <Group gap="xs">
              <Text fw={600}>{t('candidates.number', { number: at + 1 })}</Text>
              {isChosen && <Badge tt="none">{t('candidates.chosen')}</Badge>}
            </Group>
            <Text size="xs" c="dimmed" mb="xs">
              {criticScore !== undefined && `${t('candidates.score', { score: number(criticScore) })} · `}
              {t('candidates.votes', { count: votes })}
              {meanLogprob !== null && ` · ${t('candidates.sureness', { logprob: number(meanLogprob) })}`}
            </Text>
            {thought !== null && (
              <Thought
                text={thought}
                isWriting={false}
                isOpen={isOpen}
                thinkingMs={message.generation?.thinkingMs ?? null}
              />
            )}
            <div className={css.text}>
              <Markdown text={answer} />
            </div>
            {messageId !== shownId && (
              <Button
                size="compact-sm"
                variant="default"
                rightSection={<IconArrowRight size={14} className="flip-in-rtl" aria-hidden />}
                onClick={() => onShow(messageId)}
              >
                {t('candidates.show')}
              </Button>
            )}
          </article>
        );
      })}
    </div>
  );
}

/** Null until all that are still there have been read. */
function useCandidateMessages({ candidates }: Choice): ReadonlyMap<MessageId, Message> | null {
  const [messages, setMessages] = useState<ReadonlyMap<MessageId, Message> | null>(null);
  useEffect(() => {
    let isLeft = false;
    const read = candidates.map(({ messageId }) => api.getMessage({ messageId }).catch(() => null));
    void Promise.all(read).then((found) => {
      const there = found.filter((message) => message !== null);
      if (!isLeft) setMessages(new Map(there.map((message) => [message.id, message])));
    });
    return () => {
      isLeft = true;
    };
  }, [candidates]);
  return messages;
}
