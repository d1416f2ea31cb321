/** Which pages of a document are asked about, each as picture, as text, or both. */
import { Button, Checkbox, Group, Modal, NativeSelect, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { viewPath } from '../../../preload/contract/attachment-endpoints.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';
import css from './chat.module.css';
import type { FilePart } from './tray.ts';

type DocumentPart = Extract<FilePart, { type: 'document' }>;
type As = DocumentPart['pages'][number]['as'];

interface PagePickerProps {
  part: DocumentPart;
  onChange(part: DocumentPart): void;
  onClose(): void;
}

export function PagePicker({ part, onChange, onClose }: PagePickerProps) {
  const { t } = useTranslation('chat');
  const [count, setCount] = useState(part.pages.at(-1)?.page ?? 1);
  const [chosen, setChosen] = useState(() => new Map(part.pages.map(({ page, as }) => [page, as])));
  useEffect(() => {
    api
      .listPages({ id: part.attachmentId })
      .then(({ pages }) => setCount(Math.max(1, pages.length)), showFailure);
  }, [part.attachmentId]);
  const choose = (page: number, as: As | null) => {
    const next = new Map(chosen);
    if (as === null) next.delete(page);
    else next.set(page, as);
    setChosen(next);
  };
  const all = Array.from({ length: count }, (_, at) => at + 1);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('pages.title', { name: part.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Group justify="space-between" mb="md">
        <Text size="sm" c="dimmed">
          {t('pages.chosen', { count: chosen.size, total: count })}
        </Text>
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setChosen(new Map(all.map((page) => [page, 'picture'])))}
          >
            {t('pages.all')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setChosen(new Map())}>
            {t('pages.none')}
          </Button>
        </Group>
      </Group>
      <div className={css.pageGrid}>
        {all.map((page) => (
          <div key={page} className={css.page} data-chosen={chosen.has(page) || undefined}>
            <img
              src={`/${viewPath(part.attachmentId, { page, maxSide: 256 })}`}
              alt={t('pages.page', { page })}
              loading="lazy"
            />
            <Checkbox
              size="xs"
              label={t('pages.page', { page })}
              checked={chosen.has(page)}
              onChange={(event) => choose(page, event.currentTarget.checked ? 'picture' : null)}
            />
            {chosen.has(page) && (
              <NativeSelect
                size="xs"
                aria-label={t('pages.as', { page })}
                value={chosen.get(page)}
                data={(['picture', 'text', 'both'] as const).map((as) => ({
                  value: as,
                  label: t(`pages.${as}`),
                }))}
                onChange={(event) => choose(page, event.currentTarget.value as As)}
              />
            )}
          </div>
        ))}
      </div>
      <Group justify="flex-end" mt="lg">
        <Button
          disabled={chosen.size === 0}
          onClick={() => {
            const pages = [...chosen].sort(([a], [b]) => a - b).map(([page, as]) => ({ page, as }));
            onChange({ ...part, pages });
            onClose();
          }}
        >
          {t('pages.use', { count: chosen.size })}
        </Button>
      </Group>
    </Modal>
  );
}
