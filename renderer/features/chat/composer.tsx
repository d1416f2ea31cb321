/** Where a question is written: words, files, and one button that sends or stops. */
import { ActionIcon, Group, Menu, Textarea, Tooltip } from '@mantine/core';
import {
  IconArrowUp,
  IconHistory,
  IconPaperclip,
  IconPlayerStopFilled,
  IconPlus,
  IconScreenshot,
} from '@tabler/icons-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationId, MessageId } from '../../../preload/contract/ids.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import css from './chat.module.css';
import type { ComparedPicture } from './chat-types.ts';
import { CompareButton } from './compare-button.tsx';
import { ComposerTools, type ComposerToolsProps } from './composer-tools.tsx';
import { FilmPicker } from './film-picker.tsx';
import { PagePicker } from './page-picker.tsx';
import { QuestionCost } from './question-cost.tsx';
import { ReuseDialog } from './reuse-dialog.tsx';
import { TaskBadge } from './task-badge.tsx';
import { canSend, partsOf, pictureNames, type TrayItem } from './tray.ts';
import { TrayCard } from './tray-card.tsx';
import type { Composer as ComposerState } from './use-composer.ts';
import { useEstimate } from './use-estimate.ts';
import { useLookAhead } from './use-look-ahead.ts';

type ReadyItem = Extract<TrayItem, { state: 'ready' }>;

interface ComposerProps {
  composer: ComposerState;
  place: { conversationId: ConversationId | null; parentId: MessageId | null };
  sendWith: Settings['sendWith'];
  isAnswering: boolean;
  /** The question is on its way. */
  isSending: boolean;
  /** Pictures of earlier turns, behind which the numbers go on; null where not all turns are here to count. */
  picturesBefore: number | null;
  tools: ComposerToolsProps;
  /** Absent where the host can't. */
  onCapture?: (() => void) | undefined;
  onSend(): void;
  onStop(): void;
  onRegion(item: ReadyItem): void;
  onCompare(first: ComparedPicture, second: ComparedPicture): void;
}

export function Composer(props: ComposerProps) {
  const { composer, place, isAnswering, isSending, onCapture, onSend, onStop, onRegion } = props;
  const { t } = useTranslation('chat');
  const { items, text, task } = composer;
  const files = useRef<HTMLInputElement>(null);
  const [choosing, setChoosing] = useState<string | null>(null);
  const [isReusing, setReusing] = useState(false);
  const parts = useMemo(() => partsOf(items, text), [items, text]);
  const isLookedAt = useLookAhead(place.conversationId, parts);
  const estimate = useEstimate(place, parts, isLookedAt);
  const names = props.picturesBefore === null ? [] : pictureNames(items, props.picturesBefore);
  // A goal or a thing to find must be said; a form to fill says enough.
  const isSaid = task === null || task.type === 'extraction' || text.trim() !== '';
  const mayWrite =
    (canSend(items, text) || task?.type === 'extraction') && isSaid && !isAnswering && !isSending;
  const chosen = items.find((item): item is ReadyItem => item.key === choosing && item.state === 'ready');
  let readyPlace = -1;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    if (props.sendWith === 'mod-enter' && !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (mayWrite) onSend();
  };

  return (
    <div className={css.composerFrame}>
      <section className={css.composer} aria-label={t('composer.label')}>
        {items.length > 0 && (
          <ul className={css.tray} aria-label={t('tray.label')} style={{ listStyle: 'none', margin: 0 }}>
            {items.map((item, at) => {
              if (item.state === 'ready') readyPlace += 1;
              return (
                <TrayCard
                  key={item.key}
                  item={item}
                  place={at}
                  count={items.length}
                  imageName={names[at] ?? null}
                  estimate={(item.state === 'ready' && estimate?.parts[readyPlace]) || null}
                  composer={composer}
                  onRegion={onRegion}
                  onChoose={({ key }) => setChoosing(key)}
                />
              );
            })}
          </ul>
        )}
        {task && <TaskBadge task={task} onRemove={() => composer.setTask(null)} />}
        <Textarea
          autosize
          minRows={1}
          maxRows={12}
          variant="unstyled"
          value={text}
          dir="auto"
          data-autofocus
          placeholder={t(task ? `task.${task.type}Placeholder` : 'composer.placeholder')}
          aria-label={t('composer.question')}
          onChange={(event) => composer.setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Group gap="xs" wrap="nowrap">
          <Menu position="top-start">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="lg" radius="xl" aria-label={t('composer.add')}>
                <IconPlus size={20} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPaperclip size={16} />} onClick={() => files.current?.click()}>
                {t('composer.addFiles')}
              </Menu.Item>
              <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setReusing(true)}>
                {t('composer.reuse')}
              </Menu.Item>
              {onCapture && (
                <Menu.Item leftSection={<IconScreenshot size={16} />} onClick={onCapture}>
                  {t('composer.capture')}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
          <input
            ref={files}
            type="file"
            multiple
            hidden
            aria-label={t('composer.addFiles')}
            onChange={(event) => {
              composer.addFiles([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
          <ComposerTools {...props.tools} />
          <CompareButton items={items} onCompare={props.onCompare} />
          <div style={{ flex: 1, minWidth: 0 }}>
            <QuestionCost estimate={estimate} />
          </div>
          {isAnswering ? (
            <Tooltip label={t('composer.stop')}>
              <ActionIcon
                size="lg"
                radius="xl"
                color="gray"
                variant="filled"
                aria-label={t('composer.stop')}
                onClick={onStop}
              >
                <IconPlayerStopFilled size={16} />
              </ActionIcon>
            </Tooltip>
          ) : (
            <ActionIcon
              size="lg"
              radius="xl"
              aria-label={t('composer.send')}
              disabled={!mayWrite}
              loading={isSending}
              onClick={onSend}
            >
              <IconArrowUp size={20} />
            </ActionIcon>
          )}
        </Group>
      </section>
      {chosen?.part.type === 'document' && (
        <PagePicker
          part={chosen.part}
          onChange={(part) => composer.changePart(chosen.key, part)}
          onClose={() => setChoosing(null)}
        />
      )}
      {chosen?.part.type === 'film' && (
        <FilmPicker
          part={chosen.part}
          durationMs={chosen.attachment.durationMs ?? chosen.part.endMs}
          onChange={(part) => composer.changePart(chosen.key, part)}
          onClose={() => setChoosing(null)}
        />
      )}
      {isReusing && (
        <ReuseDialog
          onChoose={({ attachment, name }) => composer.addAttachment(attachment, name)}
          onClose={() => setReusing(false)}
        />
      )}
    </div>
  );
}
