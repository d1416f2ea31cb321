/** One attached file: its picture under the tiles that the model will see, and what can be chosen about it. */
import { ActionIcon, Badge, Button, Group, Loader, PasswordInput, Text, Tooltip } from '@mantine/core';
import {
  IconChevronLeft,
  IconChevronRight,
  IconCrop,
  IconFileText,
  IconLock,
  IconPhotoEdit,
  IconReplace,
  IconX,
} from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import type { QuestionEstimate } from '../../../preload/contract/generation.ts';
import { failureSentence } from '../../ui/show-failure.ts';
import css from './chat.module.css';
import { DetailMenu } from './detail-menu.tsx';
import { viewOf } from './message-files.tsx';
import { showsPicture, type TrayItem, withDetail } from './tray.ts';
import type { Composer } from './use-composer.ts';

type ReadyItem = Extract<TrayItem, { state: 'ready' }>;

export interface TrayCardProps {
  item: TrayItem;
  place: number;
  count: number;
  imageName: string | null;
  estimate: QuestionEstimate['parts'][number];
  composer: Composer;
  /** Opens it large to draw a region on it. */
  onRegion(item: ReadyItem): void;
  /** Opens what can be chosen: pages of a document, frames of a film. */
  onChoose(item: ReadyItem): void;
}

export function TrayCard(props: TrayCardProps) {
  const { item, composer } = props;
  const { t } = useTranslation('chat');
  return (
    <li
      className={css.trayItem}
      data-refused={item.state === 'refused' || item.state === 'locked' || undefined}
    >
      {item.state === 'adding' && (
        <>
          <div className={css.thumb}>
            <Loader size="sm" aria-label={t('tray.adding', { name: item.name })} />
          </div>
          <FileName name={item.name} />
        </>
      )}
      {item.state === 'refused' && <Refused name={item.name} sentence={failureSentence(item.error)} />}
      {item.state === 'locked' && <Locked item={item} composer={composer} />}
      {item.state === 'ready' && <Ready {...props} item={item} />}
      <ActionIcon
        className={css.trayRemove}
        variant="default"
        radius="xl"
        size="sm"
        aria-label={t('tray.remove', { name: item.name })}
        onClick={() => composer.remove(item.key)}
      >
        <IconX size={13} />
      </ActionIcon>
    </li>
  );
}

function FileName({ name }: { name: string }) {
  return (
    <Text size="xs" truncate px={6} pt={4} title={name}>
      {name}
    </Text>
  );
}

function Ready({
  item,
  place,
  count,
  imageName,
  estimate,
  composer,
  onRegion,
  onChoose,
}: TrayCardProps & { item: ReadyItem }) {
  const { t } = useTranslation('chat');
  const { part, attachment } = item;
  const isChosen = part.type === 'document' || part.type === 'film';
  const grid = estimate?.grids[0];
  return (
    <>
      <div className={css.thumb}>
        {showsPicture(part) ? (
          <div className={css.thumbPicture}>
            <img src={`/${viewPath(attachment.id, viewOf(part))}`} alt={item.name} />
            {grid && grid.columns * grid.rows > 1 && <TileGrid {...grid} />}
          </div>
        ) : (
          <IconFileText size={36} stroke={1.2} aria-hidden />
        )}
        {imageName && (
          <Badge className={css.imageName} size="xs" variant="filled" tt="none">
            {imageName}
          </Badge>
        )}
        {count > 1 && (
          <Group gap={0} wrap="nowrap" className={css.trayMove}>
            <Small
              label={t('tray.earlier', { name: item.name })}
              disabled={place === 0}
              onClick={() => composer.move(place, place - 1)}
            >
              <IconChevronLeft size={14} className="flip-in-rtl" />
            </Small>
            <Small
              label={t('tray.later', { name: item.name })}
              disabled={place === count - 1}
              onClick={() => composer.move(place, place + 1)}
            >
              <IconChevronRight size={14} className="flip-in-rtl" />
            </Small>
          </Group>
        )}
      </div>
      <FileName name={item.name} />
      <Text size="xs" c="dimmed" px={6}>
        {estimate ? t('tray.cost', { tiles: estimate.tiles, tokens: estimate.visualTokens }) : '\u00a0'}
      </Text>
      <div className={css.trayFoot}>
        <DetailMenu
          detail={part.detail}
          onChange={(detail) => composer.changePart(item.key, withDetail(part, detail))}
        />
        {isChosen && (
          <Small
            label={t(part.type === 'film' ? 'tray.chooseFrames' : 'tray.choosePages')}
            onClick={() => onChoose(item)}
          >
            <IconPhotoEdit size={14} />
          </Small>
        )}
        {attachment.kind !== 'document' || attachment.hasThumbnail ? (
          <Small label={t('tray.region')} onClick={() => onRegion(item)}>
            <IconCrop size={14} />
          </Small>
        ) : null}
        <Swap onFile={(file) => composer.swap(item.key, file)} />
      </div>
    </>
  );
}

/** Another picture, the same question. */
function Swap({ onFile }: { onFile(file: File): void }) {
  const { t } = useTranslation('chat');
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Small label={t('tray.swap')} onClick={() => input.current?.click()}>
        <IconReplace size={14} />
      </Small>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t('tray.swap')}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) onFile(file);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}

function TileGrid({ columns, rows }: { columns: number; rows: number }) {
  const style = { gridTemplateColumns: `repeat(${columns}, 1fr)`, gridTemplateRows: `repeat(${rows}, 1fr)` };
  return (
    <span className={css.grid} style={style} aria-hidden>
      {Array.from({ length: columns * rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tiles have no other name than their place
        <span key={at} />
      ))}
    </span>
  );
}

function Refused({ name, sentence }: { name: string; sentence: string }) {
  return (
    <div role="alert">
      <Text size="xs" fw={600} truncate pe={24}>
        {name}
      </Text>
      <Text size="xs">{sentence}</Text>
    </div>
  );
}

function Locked({ item, composer }: { item: Extract<TrayItem, { state: 'locked' }>; composer: Composer }) {
  const { t } = useTranslation('chat');
  const [password, setPassword] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        composer.unlock(item.key, password);
      }}
    >
      <Text size="xs" truncate pe={24}>
        <IconLock size={12} aria-hidden /> {item.name}
      </Text>
      <PasswordInput
        size="xs"
        my={6}
        value={password}
        placeholder={t('tray.password')}
        aria-label={t('tray.passwordFor', { name: item.name })}
        error={item.wasWrong ? t('tray.wrongPassword') : undefined}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="compact-xs" disabled={password === ''}>
        {t('tray.unlock')}
      </Button>
    </form>
  );
}

interface SmallProps {
  label: string;
  disabled?: boolean;
  onClick(): void;
  children: React.ReactNode;
}

function Small({ label, disabled = false, onClick, children }: SmallProps) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
