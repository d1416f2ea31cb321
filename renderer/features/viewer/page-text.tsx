/** What a page's text layer says, to read, select and copy beside the page. */
import { Button, CopyButton, Group, Loader, ScrollArea, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../preload/contract/attachments.ts';
import { api } from '../../api.ts';
import { failureSentence } from '../../ui/show-failure.ts';
import classes from './viewer.module.css';

interface PageTextProps {
  attachment: Attachment;
  page: number;
}

type Reading =
  | { state: 'reading' }
  | { state: 'failed'; sentence: string }
  | { state: 'read'; text: string; hasText: boolean; truncated: boolean };

export function PageText({ attachment, page }: PageTextProps) {
  const { t } = useTranslation('viewer');
  const [reading, setReading] = useState<Reading>({ state: 'reading' });
  const { id } = attachment;
  useEffect(() => {
    const leaving = new AbortController();
    setReading({ state: 'reading' });
    api
      .readPageText({ id, page }, leaving.signal)
      .then((answer) => !leaving.signal.aborted && setReading({ state: 'read', ...answer }))
      .catch(
        (error) =>
          !leaving.signal.aborted && setReading({ state: 'failed', sentence: failureSentence(error) }),
      );
    return () => leaving.abort();
  }, [id, page]);
  return (
    <aside className={classes.text} aria-label={t('text.label', { page })}>
      <Group justify="space-between" wrap="nowrap" mb="xs">
        <Title order={2} size="sm">
          {t('text.title')}
        </Title>
        {reading.state === 'read' && reading.hasText && (
          <CopyButton value={reading.text}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? t('text.copied') : t('text.copy')}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
      <ScrollArea className={classes.textScroll} viewportProps={{ tabIndex: 0 }}>
        {reading.state === 'reading' && <Loader size="sm" role="status" aria-label={t('loading')} />}
        {reading.state === 'failed' && <Text role="alert">{reading.sentence}</Text>}
        {reading.state === 'read' && !reading.hasText && (
          <Text size="sm" c="dimmed">
            {t('text.none')}
          </Text>
        )}
        {reading.state === 'read' && reading.hasText && (
          <Text size="sm" className={classes.textBody} dir="auto">
            {reading.text}
          </Text>
        )}
        {reading.state === 'read' && reading.truncated && (
          <Text size="xs" c="dimmed" mt="sm">
            {t('text.truncated')}
          </Text>
        )}
      </ScrollArea>
    </aside>
  );
}
