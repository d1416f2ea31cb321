/** One conversation: its messages above, the question being written below. */
import { useCallback, useEffect, useState } from 'react';
import type { Message } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import { useStableCallbacks } from '../../ui/use-stable-callbacks.ts';
import css from './chat.module.css';
import { ChatHeader } from './chat-header.tsx';
import type { ChatViewProps, OpenedFile } from './chat-types.ts';
import { Composer } from './composer.tsx';
import { type AnswerOptions, ConversationOptions } from './conversation-options.tsx';
import { DropCover } from './drop-cover.tsx';
import { EditAnswer } from './edit-answer.tsx';
import { EditNote } from './edit-note.tsx';
import { ExtractionDialog } from './extraction-dialog.tsx';
import type { AnswerBox, PictureOfQuestion } from './grounded-answer.ts';
import { MessageArea } from './message-area.tsx';
import { messagesBefore } from './message-window.ts';
import { countPictures } from './named-places.ts';
import { SelectedPhrase } from './selected-phrase.tsx';
import { type FilePart, firstPlaceOf, regionOf } from './tray.ts';
import { useAsking } from './use-asking.ts';
import { useComposer } from './use-composer.ts';
import { useConversation } from './use-conversation.ts';
import { followCritics } from './use-critic.ts';
import { useEarlierQuestions } from './use-earlier-questions.ts';
import { useFileDrop } from './use-file-drop.ts';
import { useMessages } from './use-messages.ts';
import { useOffer } from './use-offer.ts';
import { usePrompts } from './use-prompts.ts';
import { useRemoval } from './use-removal.ts';

export function ChatView(props: ChatViewProps) {
  const { conversationId, settings } = props;
  const shown = useMessages(conversationId, props.focusId);
  const { conversation, update } = useConversation(conversationId);
  const isTemporary = conversation?.temporary ?? false;
  // As long as a conversation is not known yet it may be a temporary one.
  const keepsInMemory = conversationId !== null && conversation?.temporary !== false;
  const composer = useComposer(conversationId, keepsInMemory);
  const { start, onMade } = props;
  const asking = useAsking({ conversationId, start, shown, composer, onMade });
  const { hiddenId, remove } = useRemoval(shown.reload);
  const [isChoosing, setChoosing] = useState(false);
  const isOver = useFileDrop(composer.addFiles);
  const prompts = usePrompts(composer);
  useOffer(props.offered, props.onOfferTaken, { composer, onPrompt: prompts.choose });
  const messages = messagesBefore(shown.messages, hiddenId);
  const earlier = useEarlierQuestions(shown.messages, shown.hasOlder);
  const running = messages.findLast(({ state }) => state === 'streaming') ?? null;

  const stop = useCallback(() => {
    if (running) api.stopAnswer({ messageId: running.id }).catch(showFailure);
  }, [running]);
  useStopKey(stop);
  useEffect(followCritics, []);

  const openFile = (
    { attachmentId, name }: Pick<FilePart, 'attachmentId' | 'name'>,
    place: OpenedFile['place'],
    more: Partial<OpenedFile> = {},
  ) => {
    api.getAttachment({ id: attachmentId }).then((attachment) => {
      const onRegion: OpenedFile['onRegion'] = (region) =>
        composer.addPart(attachment, regionOf({ attachment, name }, region));
      props.onOpenFile({ attachment, name, place, startsDrawing: false, boxes: [], onRegion, ...more });
    }, showFailure);
  };
  // The list must not redraw while somebody types.
  const actions = useStableCallbacks({
    onOpenFile: (part: FilePart, place: OpenedFile['place']) =>
      openFile(part, place, part.type === 'film' ? { frameTimesMs: part.frameTimesMs } : {}),
    onOpenBoxes: (picture: PictureOfQuestion, boxes: readonly AnswerBox[]) =>
      openFile(picture, { page: picture.page, timeMs: picture.timeMs }, { boxes }),
    onShowBranch: (messageId: MessageId) =>
      void api.showBranch({ messageId }).then(shown.reload, showFailure),
    onEdit: asking.edit,
    onRegenerate: asking.regenerate,
    onContinue: (messageId: MessageId) => asking.ask({ type: 'continue', messageId }),
    onDelete: ({ id }: Message) => remove(id),
  });
  const { editing } = asking;
  const given = asking.options ?? {
    systemText: null,
    sampling: settings.sampling,
    contextPolicy: 'stop',
    thinking: false,
  };
  const options = conversation ?? given;
  const setOptions = (patch: Partial<AnswerOptions>) =>
    conversationId ? update(patch) : asking.setOptions({ ...given, ...patch });
  const showWhere = (answerId: MessageId, phrase: string) => {
    const answer = messages.find(({ id }) => id === answerId);
    if (!answer) return;
    asking.ask({
      type: 'question',
      conversationId: answer.conversationId,
      parentId: answerId,
      parts: [{ type: 'text', text: phrase }],
      task: { type: 'grounding' },
    });
  };

  return (
    <main className={css.view}>
      <ChatHeader
        title={conversation?.title ?? ''}
        isTemporary={isTemporary}
        start={props.headStart}
        end={props.headEnd}
        onOptions={() => setChoosing(true)}
      />
      <MessageArea
        key={conversationId}
        shown={shown}
        messages={messages}
        earlier={earlier}
        actions={actions}
        focusId={props.focusId}
        empty={props.empty}
      />
      {running === null && <SelectedPhrase onShowWhere={showWhere} />}
      {editing?.role === 'user' && <EditNote onEnd={asking.endEdit} />}
      <Composer
        composer={composer}
        place={{ conversationId, parentId: editing ? editing.parentId : (messages.at(-1)?.id ?? null) }}
        sendWith={settings.sendWith}
        isAnswering={running !== null}
        isSending={asking.isSending}
        picturesBefore={countPictures(
          messagesBefore(messages, editing?.role === 'user' ? editing.id : null),
          earlier,
        )}
        tools={{
          isThinking: options.thinking,
          onThinking: (thinking) => setOptions({ thinking }),
          candidates: asking.candidates,
          onCandidates: asking.setCandidates,
          onPrompt: prompts.choose,
        }}
        onCapture={props.onCapture}
        onSend={asking.send}
        onStop={stop}
        onCompare={props.onCompare}
        onRegion={({ part }) => openFile(part, firstPlaceOf(part), { startsDrawing: true })}
      />
      {editing?.role === 'assistant' && (
        <EditAnswer message={editing} onDone={shown.reload} onClose={asking.endEdit} />
      )}
      {isChoosing && (
        <ConversationOptions
          options={options}
          presets={settings.presets}
          onChange={setOptions}
          onClose={() => setChoosing(false)}
        />
      )}
      {prompts.isChoosingForm && (
        <ExtractionDialog onChoose={prompts.extract} onClose={prompts.endChoosing} />
      )}
      {isOver && <DropCover />}
    </main>
  );
}

/** Escape stops an answer, unless it has closed something else. */
function useStopKey(stop: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTaken = event.defaultPrevented || document.querySelector('[role=dialog], [role=menu]') !== null;
      if (event.key === 'Escape' && !isTaken) stop();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [stop]);
}
