/** What stands above the composer: messages, or why there are none. */
import { Button, Center, Loader } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EarlierQuestion, Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import css from './chat.module.css';
import { MessageList } from './message-list.tsx';
import type { MessageListActions } from './message-row.tsx';
import type { ShownMessages } from './use-messages.ts';

interface MessageAreaProps {
  shown: ShownMessages;
  messages: readonly Message[];
  /** Questions above them; null while they are not known. */
  earlier: readonly EarlierQuestion[] | null;
  actions: MessageListActions;
  focusId: MessageId | null;
  empty: ReactNode;
}

export function MessageArea({ shown, messages, earlier, actions, focusId, empty }: MessageAreaProps) {
  const { t } = useTranslation('chat');
  if (shown.fault) {
    return (
      <Center flex={1} p="md">
        <Notice color="red" title={t('list.fault')} role="alert">
          {failureSentence(shown.fault)}
          <div>
            <Button mt="sm" size="xs" variant="default" onClick={shown.reload}>
              {t('list.again')}
            </Button>
          </div>
        </Notice>
      </Center>
    );
  }
  if (messages.length === 0 && shown.isLoading) {
    return (
      <Center flex={1}>
        <Loader aria-label={t('list.loading')} />
      </Center>
    );
  }
  if (messages.length === 0) return <div className={css.empty}>{empty}</div>;
  const { errors, dropped, hasOlder, loadOlder } = shown;
  return <List {...{ messages, earlier, errors, dropped, hasOlder, loadOlder, focusId, actions }} />;
}

const List = memo(MessageList);
