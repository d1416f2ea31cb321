/** The files of a question as they were asked about: thumbnails that open large. */
import { Group, Text, UnstyledButton } from '@mantine/core';
import { IconFileText, IconMovie } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import type { Part } from '../../../preload/contract/attachments.ts';
import css from './chat.module.css';
import { type FilePart, firstPlaceOf, showsPicture } from './tray.ts';

interface MessageFilesProps {
  parts: readonly Part[];
  onOpen(part: FilePart, place: { page: number | null; timeMs: number | null }): void;
}

export function MessageFiles({ parts, onOpen }: MessageFilesProps) {
  const files = parts.flatMap((part) => (part.type === 'text' ? [] : [part]));
  if (files.length === 0) return null;
  return (
    <Group gap="xs" justify="flex-end">
      {files.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a sent message's parts never change
        <MessageFile key={at} part={part} onOpen={onOpen} />
      ))}
    </Group>
  );
}

function MessageFile({ part, onOpen }: { part: FilePart; onOpen: MessageFilesProps['onOpen'] }) {
  const { t } = useTranslation('chat');
  const place = firstPlaceOf(part);
  const label = labelOf(part, t);
  const isPicture = showsPicture(part);
  return (
    <UnstyledButton
      className={css.messageFile}
      onClick={() => onOpen(part, place)}
      aria-label={t('file.open', { name: label })}
    >
      {isPicture ? (
        <img src={`/${viewPath(part.attachmentId, viewOf(part))}`} alt="" loading="lazy" />
      ) : (
        <IconFileText size={40} stroke={1.2} aria-hidden />
      )}
      <Text size="xs" c="dimmed" truncate maw={180}>
        {part.type === 'film' && <IconMovie size={12} aria-hidden />} {label}
      </Text>
    </UnstyledButton>
  );
}

/** How a part looks small. */
export function viewOf(part: FilePart, maxSide = 360) {
  const { page, timeMs } = firstPlaceOf(part);
  return {
    maxSide,
    ...(page !== null && { page }),
    ...(timeMs !== null && { timeMs }),
    ...(part.type === 'region' && { box: part.box }),
  };
}

function labelOf(part: FilePart, t: (key: string, values: Record<string, unknown>) => string): string {
  const { name } = part;
  if (part.type === 'document') {
    const pages = part.pages.map(({ page }) => page).join(', ');
    return part.pages.length > 0 ? t('file.pages', { name, pages, count: part.pages.length }) : name;
  }
  if (part.type === 'film') return t('file.frames', { name, count: part.frameTimesMs.length });
  if (part.type === 'region') return t('file.region', { name });
  return name;
}
