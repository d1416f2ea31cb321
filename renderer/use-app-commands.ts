/** What menu, tray, links and other programs ask of the page. */
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import type { ConversationId, MessageId } from '../preload/contract/ids.ts';
import type { AppEvent } from '../preload/contract/system.ts';
import { useAppEvent } from './app-events.ts';
import type { Offer } from './features/chat/chat-types.ts';

type Command = Extract<AppEvent, { type: 'command' }>['command'];

interface AppCommandsParts {
  commands: {
    newConversation(): void;
    search(): void;
    palette(): void;
    settings(): void;
    models(): void;
    exportAll(): void;
    import(): void;
    toggleSidebar(): void;
  };
  show(id: ConversationId, messageId: MessageId | null): void;
  offer(offer: Offer): void;
}

export function useAppCommands({ commands, show, offer }: AppCommandsParts): void {
  const { t } = useTranslation('chat');
  const run: Record<Command, () => void> = {
    'new-conversation': commands.newConversation,
    search: commands.search,
    palette: commands.palette,
    settings: commands.settings,
    models: commands.models,
    export: commands.exportAll,
    import: commands.import,
    'toggle-sidebar': commands.toggleSidebar,
  };
  useAppEvent((event) => {
    if (event.type === 'command') run[event.command]();
    else if (event.type === 'show-conversation') show(event.conversationId, event.messageId);
    else if (event.type === 'files-offered') offer({ uploadIds: event.uploadIds });
    else if (event.type === 'process-ended')
      notifications.show({ color: 'yellow', message: t('processEnded') });
    else if (event.type === 'device-failed')
      notifications.show({ color: 'yellow', message: t('deviceFailed', { device: event.device }) });
  });
}
