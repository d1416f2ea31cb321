/** One hit: the conversation, who said it and when, and the words around the hit. */
import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SearchHit } from '../../../preload/contract/conversations.ts';
import classes from './conversations.module.css';

interface SearchHitRowProps {
  id: string;
  hit: SearchHit;
  isActive: boolean;
  onShow(): void;
  onPoint(): void;
}

export function SearchHitRow({ id, hit, isActive, onShow, onPoint }: SearchHitRowProps) {
  const { t, i18n } = useTranslation('conversations');
  const date = new Intl.DateTimeFormat(i18n.language, {
    dateStyle: 'medium',
  }).format(hit.createdAtMs);
  const who = hit.role === null ? t('search.inTitle') : t(`search.by.${hit.role}`);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the keyboard; this option is its active descendant
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={classes.hit}
      data-active={isActive || undefined}
      onClick={onShow}
      onPointerMove={onPoint}
    >
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" fw={600} truncate dir="auto">
          {hit.title === '' ? t('untitled') : hit.title}
        </Text>
        <Text size="xs" c="dimmed" flex="none">
          {who} · {date}
        </Text>
      </Group>
      {hit.messageId !== null && (
        <Text size="sm" c="dimmed" lineClamp={2} dir="auto">
          {hit.snippet.map((piece, index) =>
            piece.isHit ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a snippet never changes
              <mark key={index} className={classes.hitMark}>
                {piece.text}
              </mark>
            ) : (
              piece.text
            ),
          )}
        </Text>
      )}
    </div>
  );
}
