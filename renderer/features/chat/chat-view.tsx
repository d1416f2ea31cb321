/** One conversation: its messages above, the question being written below. */
import { ActionIcon, Badge, Button, Center, Group, Loader, Text, Tooltip } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconAdjustmentsHorizontal, IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { GenerationRequest } from '../../../preload/contract/generation.ts';
import type { ConversationId, FolderId, MessageId } from '../../../preload/contract/ids.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { UploadId } from '../../../preload/contract/uploads.ts';
import { api } from '../../api.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence, showFailure } from '../../ui/show-failure.ts';
import css from './chat.module.css';
import { Composer } from './composer.tsx';
import { type AnswerOptions, ConversationOptions } from './conversation-options.tsx';
import { EditAnswer } from './edit-answer.tsx';
import { MessageList } from './message-list.tsx';
import { type FilePart, partsOf, regionOf } from './tray.ts';
import { useComposer } from './use-composer.ts';
import { useConversation } from './use-conversation.ts';
import { useFileDrop } from './use-file-drop.ts';
import { useMessages } from './use-messages.ts';

/** What is opened large, and what to do with a region drawn on it. */
export interface OpenedFile {
  attachment: Attachment;
  name: string;
  place: { page: number | null; timeMs: number | null };
  startsDrawing: boolean;
  onRegion(region: Parameters<typeof regionOf>[1]): void;
}

export interface ChatViewProps {
  conversationId: ConversationId | null;
  /** For a conversation that the first question makes. */
  start: { temporary: boolean; folderId: FolderId | null };
  focusId: MessageId | null;
  settings: Settings;
  /** Files and words given from outside: a sample, "open with", a screenshot. Taken once. */
  offered: { uploadIds?: readonly UploadId[]; sampleId?: string; question?: string } | null;
  onOfferTaken(): void;
  onMade(id: ConversationId): void;
  onOpenFile(file: OpenedFile): void;
  onCapture?: (() => void) | undefined;
  /** Begins the header, such as the button of the sidebar and the model's picker. */
  headStart: ReactNode;
  headEnd: ReactNode;
  /** Shown while there is no message yet. */
  empty: ReactNode;
}

export function ChatView(props: ChatViewProps) {
  const { conversationId, settings, offered, onOfferTaken } = props;
  const { t } = useTranslation('chat');
  const shown = useMessages(conversationId, props.focusId);
  const { conversation, update } = useConversation(conversationId);
  const isTemporary = conversation?.temporary ?? props.start.temporary;
  const composer = useComposer(conversationId, isTemporary);
  const [editing, setEditing] = useState<Message | null>(null);
  const [isChoosing, setChoosing] = useState(false);
  const [options, setOptions] = useState<AnswerOptions | null>(null);
  const isOver = useFileDrop(composer.addFiles);
  const running = shown.messages.findLast(({ state }) => state === 'streaming') ?? null;

  useEffect(() => {
    if (!offered) return;
    onOfferTaken();
    if (offered.uploadIds) composer.addUploads(offered.uploadIds);
    if (offered.question !== undefined) composer.setText(offered.question);
    if (offered.sampleId !== undefined) {
      api
        .addSample({ id: offered.sampleId })
        .then(({ attachment, name }) => composer.addAttachment(attachment, name), showFailure);
    }
  }, [offered, onOfferTaken, composer]);

  const stop = () => {
    if (running) api.stopAnswer({ messageId: running.id }).catch(showFailure);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && running && !event.defaultPrevented) stop();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  const generate = (request: GenerationRequest) => shown.generate(request).catch(showFailure);
  const send = async () => {
    const parts = partsOf(composer.items, composer.text);
    try {
      if (editing) {
        const messageId = editing.id;
        setEditing(null);
        await shown.generate({ type: 'edit', messageId, parts });
        composer.clear();
        return;
      }
      const id = conversationId ?? (await api.createConversation({ ...props.start, ...options })).id;
      if (!conversationId) props.onMade(id);
      const parentId = shown.messages.at(-1)?.id ?? null;
      await shown.generate({ type: 'question', conversationId: id, parentId, parts });
      composer.clear();
    } catch (error) {
      showFailure(error); // the words and files are still there
    }
  };
  const remove = (message: Message) => {
    modals.openConfirmModal({
      title: t('delete.title'),
      children: <Text size="sm">{t('delete.text')}</Text>,
      labels: { confirm: t('delete.confirm'), cancel: t('cancel') },
      confirmProps: { color: 'red' },
      onConfirm: () => api.deleteMessage({ messageId: message.id }).then(shown.reload, showFailure),
    });
  };
  const openFile = (part: FilePart, place: OpenedFile['place'], startsDrawing = false) => {
    api.getAttachment({ id: part.attachmentId }).then((attachment) => {
      const { name } = part;
      const onRegion: OpenedFile['onRegion'] = (region) =>
        composer.addPart(attachment, regionOf({ attachment, name }, region));
      props.onOpenFile({ attachment, name, place, startsDrawing, onRegion });
    }, showFailure);
  };
  const isEmpty = shown.messages.length === 0 && !shown.isLoading;

  return (
    <main className={css.view}>
      <header className={css.header}>
        {props.headStart}
        <Text className={css.title} truncate fw={600} component="h1" fz="md" m={0}>
          {conversation?.title || t('title.new')}
        </Text>
        {isTemporary && (
          <Tooltip label={t('title.temporaryText')}>
            <Badge variant="light" color="gray" tt="none">
              {t('title.temporary')}
            </Badge>
          </Tooltip>
        )}
        <Tooltip label={t('options.title')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('options.title')}
            onClick={() => setChoosing(true)}
          >
            <IconAdjustmentsHorizontal size={18} />
          </ActionIcon>
        </Tooltip>
        {props.headEnd}
      </header>
      {shown.fault ? (
        <Center flex={1} p="md">
          <Notice color="red" title={t('list.fault')}>
            {failureSentence(shown.fault)}
            <Button mt="sm" size="xs" variant="default" onClick={shown.reload}>
              {t('list.again')}
            </Button>
          </Notice>
        </Center>
      ) : shown.isLoading && shown.messages.length === 0 ? (
        <Center flex={1}>
          <Loader aria-label={t('list.loading')} />
        </Center>
      ) : isEmpty ? (
        <div className={css.empty}>{props.empty}</div>
      ) : (
        <MessageList
          key={conversationId ?? 'new'}
          shown={shown}
          focusId={props.focusId}
          onOpenFile={(part, place) => openFile(part, place)}
          onShowBranch={(messageId) => api.showBranch({ messageId }).then(shown.reload, showFailure)}
          onEdit={(message) => {
            setEditing(message);
            if (message.role === 'user') void composer.fill(message.parts);
          }}
          onRegenerate={(messageId) => void generate({ type: 'regenerate', messageId })}
          onContinue={(messageId) => void generate({ type: 'continue', messageId })}
          onDelete={remove}
        />
      )}
      {editing?.role === 'user' && (
        <Group justify="center" gap="xs">
          <Text size="sm">{t('edit.question')}</Text>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconX size={14} />}
            onClick={() => {
              setEditing(null);
              composer.clear();
            }}
          >
            {t('cancel')}
          </Button>
        </Group>
      )}
      <Composer
        composer={composer}
        place={{ conversationId, parentId: shown.messages.at(-1)?.id ?? null }}
        sendWith={settings.sendWith}
        isAnswering={running !== null}
        onCapture={props.onCapture}
        onSend={() => void send()}
        onStop={stop}
        onRegion={(item) => openFile(item.part, placeOf(item.part), true)}
      />
      {editing?.role === 'assistant' && (
        <EditAnswer message={editing} onDone={shown.reload} onClose={() => setEditing(null)} />
      )}
      {isChoosing && (
        <ConversationOptions
          options={
            conversation ??
            options ?? { systemText: null, sampling: settings.sampling, contextPolicy: 'stop' }
          }
          presets={settings.presets}
          onChange={(patch) => {
            if (conversationId) update(patch);
            else
              setOptions((before) => ({
                systemText: null,
                sampling: {},
                contextPolicy: 'stop',
                ...before,
                ...patch,
              }));
          }}
          onClose={() => setChoosing(false)}
        />
      )}
      {isOver && (
        <div className={css.dropCover}>
          <Text size="xl" fw={600}>
            {t('drop')}
          </Text>
        </div>
      )}
    </main>
  );
}

function placeOf(part: FilePart): OpenedFile['place'] {
  if (part.type === 'document') return { page: part.pages[0]?.page ?? 1, timeMs: null };
  if (part.type === 'film') return { page: null, timeMs: part.frameTimesMs[0] ?? 0 };
  if (part.type === 'region') return { page: part.page, timeMs: part.timeMs };
  return { page: null, timeMs: null };
}
