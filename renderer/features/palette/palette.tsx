/** One field for everything: actions, conversations and models by a few letters of their name. */
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconCube, IconMessage, IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../../preload/contract/conversations.ts';
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { Model } from '../../../preload/contract/models.ts';
import { api } from '../../api.ts';
import { showFailure } from '../../ui/show-failure.ts';

export interface PaletteProps {
  actions: readonly SpotlightActionData[];
  /** Ways to ask that come with the app. */
  prompts: readonly SpotlightActionData[];
  onShow(id: ConversationId): void;
}

/** As many as a person would look through. */
const mostConversations = 200;

export function Palette({ actions, prompts, onShow }: PaletteProps) {
  const { t } = useTranslation('chat');
  const [conversations, setConversations] = useState<readonly Conversation[]>([]);
  const [models, setModels] = useState<readonly Model[]>([]);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    api
      .listConversations({ limit: mostConversations })
      .then((page) => setConversations(page.conversations), showFailure);
    api.listModels({}).then((known) => setModels(known.models), showFailure);
  }, [isOpen]);
  const query = useRef('');
  // Enter takes the first entry for the letters that were typed; the library knows nothing of entries that come later.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are what comes later
  useEffect(() => {
    const entries = [...document.querySelectorAll('[data-action]')];
    const isChosen = entries.some((entry) => entry.hasAttribute('data-selected'));
    if (query.current !== '' && !isChosen) entries[0]?.setAttribute('data-selected', 'true');
  }, [conversations, models]);
  const groups: SpotlightActionGroupData[] = [
    { group: t('palette.actions'), actions: [...actions] },
    { group: t('palette.prompts'), actions: [...prompts] },
    {
      group: t('palette.conversations'),
      actions: conversations.map(({ id, title }) => ({
        id,
        label: title || t('title.new'),
        leftSection: <IconMessage size={18} aria-hidden />,
        onClick: () => onShow(id),
      })),
    },
    {
      group: t('palette.models'),
      actions: models.map(({ id, name }) => ({
        id: `model-${id}`,
        label: t('palette.load', { name }),
        leftSection: <IconCube size={18} aria-hidden />,
        onClick: () => void api.loadModel({ id }).catch(showFailure),
      })),
    },
  ];
  return (
    <Spotlight
      actions={groups}
      shortcut={null}
      attributes={{ content: { 'aria-label': t('palette.placeholder') } }}
      limit={12}
      scrollable
      maxHeight="min(60vh, 32rem)"
      nothingFound={t('palette.nothing')}
      onQueryChange={(letters) => {
        query.current = letters;
      }}
      onSpotlightOpen={() => setOpen(true)}
      onSpotlightClose={() => setOpen(false)}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t('palette.placeholder'),
        'aria-label': t('palette.placeholder'),
      }}
    />
  );
}
