/** One place to reach everything by typing: actions, conversations, models. */
import { Modal, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../preload/contract/conversations.ts';
import type { ConversationId } from '../preload/contract/ids.ts';
import type { Model } from '../preload/contract/models.ts';
import { api } from './api.ts';
import css from './palette.module.css';
import { filterEntries, type PaletteEntry } from './palette-entries.ts';
import { showFailure } from './ui/show-failure.ts';

type Command = 'new-conversation' | 'search' | 'settings' | 'models' | 'export' | 'import' | 'toggle-sidebar';

interface PaletteProps {
  opened: boolean;
  onClose(): void;
  commands: Record<Command, () => void>;
  onNewTemporary(): void;
  onShow(id: ConversationId): void;
}

export function Palette(props: PaletteProps) {
  const { t } = useTranslation('chat');
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      withCloseButton={false}
      yOffset="12dvh"
      size="lg"
      padding="xs"
      aria-label={t('palette.placeholder')}
    >
      <PaletteList {...props} />
    </Modal>
  );
}

function PaletteList({ onClose, commands, onNewTemporary, onShow }: PaletteProps) {
  const { t } = useTranslation('chat');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const { conversations, models } = useContents();
  const entries = useMemo<PaletteEntry[]>(() => {
    const action = (name: string, run: () => void): PaletteEntry => ({
      id: name,
      group: 'actions',
      label: t(`palette.${name}`),
      run,
    });
    return [
      action('newConversation', commands['new-conversation']),
      action('newTemporary', onNewTemporary),
      action('search', commands.search),
      action('settings', commands.settings),
      action('library', commands.models),
      action('export', commands.export),
      action('import', commands.import),
      action('sidebar', commands['toggle-sidebar']),
      ...conversations.map(
        ({ id, title }): PaletteEntry => ({
          id,
          group: 'conversations',
          label: title || t('title.new'),
          run: () => onShow(id),
        }),
      ),
      ...models.map(
        ({ id, name }): PaletteEntry => ({
          id: `model-${id}`,
          group: 'models',
          label: name,
          run: () => void api.loadModel({ id }).catch(showFailure),
        }),
      ),
    ];
  }, [t, commands, onNewTemporary, onShow, conversations, models]);
  const found = filterEntries(entries, text);
  const run = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const active = Math.min(chosen, found.length - 1);
  return (
    <div>
      <TextInput
        size="md"
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={found[active] ? `palette-${found[active].id}` : undefined}
        aria-label={t('palette.placeholder')}
        placeholder={t('palette.placeholder')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
          if (step !== 0) {
            event.preventDefault();
            setChosen((active + step + found.length) % Math.max(1, found.length));
          } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(found[active]);
        }}
      />
      <div className={css.list} id="palette-list" role="listbox" aria-label={t('palette.placeholder')}>
        {found.map((entry, at) => (
          <div key={entry.id}>
            {entry.group !== found[at - 1]?.group && (
              <Text size="xs" c="dimmed" px="sm" pt="sm">
                {t(`palette.${entry.group}`)}
              </Text>
            )}
            <UnstyledButton
              id={`palette-${entry.id}`}
              className={css.entry}
              role="option"
              tabIndex={-1}
              aria-selected={at === active}
              onMouseEnter={() => setChosen(at)}
              onClick={() => run(entry)}
            >
              {entry.label}
            </UnstyledButton>
          </div>
        ))}
        {found.length === 0 && (
          <Text c="dimmed" p="md" ta="center">
            {t('palette.nothing')}
          </Text>
        )}
      </div>
    </div>
  );
}

function useContents() {
  const [conversations, setConversations] = useState<readonly Conversation[]>([]);
  const [models, setModels] = useState<readonly Model[]>([]);
  useEffect(() => {
    api.listConversations({ limit: 100 }).then(
      (page) => setConversations(page.conversations),
      () => {},
    );
    api.listModels({}).then(
      (known) => setModels(known.models),
      () => {},
    );
  }, []);
  return { conversations, models };
}
