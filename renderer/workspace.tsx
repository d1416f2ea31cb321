/** The app at work: conversations at the side, one of them in the middle, a picture beside it when one is looked at. */
import { ActionIcon, Drawer, Title, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { openSpotlight } from '@mantine/spotlight';
import { IconLayoutSidebarLeftCollapse } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Sample } from '../preload/contract/attachment-endpoints.ts';
import type { ConversationId } from '../preload/contract/ids.ts';
import type { Settings } from '../preload/contract/settings.ts';
import type { AppDescription } from '../preload/contract/system.ts';
import { api } from './api.ts';
import { Dialogs, type ShownDialog } from './dialogs.tsx';
import type { OpenedFile } from './features/chat/chat-types.ts';
import { ChatView } from './features/chat/chat-view.tsx';
import { FirstRun } from './features/conversations/first-run.tsx';
import { SampleList } from './features/conversations/sample-list.tsx';
import { Sidebar } from './features/conversations/sidebar.tsx';
import { ModelPicker } from './features/models/model-picker.tsx';
import { OpenedViewer } from './opened-viewer.tsx';
import { showFailure } from './ui/show-failure.ts';
import { useAppCommands } from './use-app-commands.ts';
import { useOffered } from './use-offered.ts';
import { type Place, usePlace } from './use-place.ts';
import { useShortcuts } from './use-shortcuts.ts';
import css from './workspace.module.css';
import { WorkspacePalette } from './workspace-palette.tsx';

export function Workspace({ app, settings }: { app: AppDescription; settings: Settings }) {
  const { t } = useTranslation('chat');
  const isNarrow = useMediaQuery('(max-width: 52em)', undefined, { getInitialValueInEffect: false });
  const { place, show, begin, adopt } = usePlace();
  const [dialog, setDialog] = useState<ShownDialog | null>(null);
  const [isSidebarShown, setSidebarShown] = useState(true);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [opened, setOpened] = useState<OpenedFile | null>(null);
  const { offered, offer, onOfferTaken } = useOffered();

  const showConversation = useCallback<typeof show>(
    (id, messageId) => {
      setDrawerOpen(false);
      setOpened(null);
      show(id, messageId);
    },
    [show],
  );
  const beginConversation = (start?: Place['start']) => {
    setDrawerOpen(false);
    setOpened(null);
    begin(start);
  };
  const beginTemporary = () => {
    // Its files must never touch the disk, so it exists before the first of them comes.
    api.createConversation({ temporary: true }).then(({ id }) => showConversation(id), showFailure);
  };
  const trySample = (sample: Sample) => {
    if (!settings.firstRunDone) api.updateSettings({ patch: { firstRunDone: true } }).catch(showFailure);
    beginConversation();
    offer({ sampleId: sample.id, question: sample.question });
  };
  const commands = {
    palette: openSpotlight,
    newConversation: () => beginConversation(),
    newTemporary: beginTemporary,
    search: () => setDialog({ type: 'search' }),
    settings: () => setDialog({ type: 'settings' }),
    models: () => setDialog({ type: 'models' }),
    exportAll: () => setDialog({ type: 'export', ids: null }),
    import: () => setDialog({ type: 'import' }),
    toggleSidebar: () => (isNarrow ? setDrawerOpen((on) => !on) : setSidebarShown((on) => !on)),
  };
  useShortcuts(commands);
  useAppCommands({ commands, show: showConversation, offer });

  const dialogs = (
    <>
      <Dialogs
        shown={dialog}
        conversationId={place.conversationId}
        onChange={setDialog}
        onShow={showConversation}
      />
      <WorkspacePalette
        commands={commands}
        onPrompt={(prompt) => offer({ prompt })}
        onShow={showConversation}
      />
    </>
  );
  if (!settings.firstRunDone && !place.conversationId && place.number === 0) {
    const done = () => void api.updateSettings({ patch: { firstRunDone: true } }).catch(showFailure);
    return (
      <div className={css.firstRun}>
        <FirstRun onTrySample={trySample} onOpenModels={commands.models} onDone={done} />
        {dialogs}
      </div>
    );
  }

  const sidebar = (
    <Sidebar
      shownId={place.conversationId}
      onShow={(id: ConversationId) => showConversation(id)}
      onNew={beginConversation}
      onNewTemporary={beginTemporary}
      onSearch={commands.search}
      onExport={(ids) => setDialog({ type: 'export', ids })}
      onImport={commands.import}
      onOpenModels={commands.models}
      onOpenSettings={commands.settings}
    />
  );
  return (
    <div className={css.workspace}>
      {!isNarrow && isSidebarShown && <div className={css.sidebar}>{sidebar}</div>}
      {isNarrow && (
        <Drawer
          opened={isDrawerOpen}
          onClose={() => setDrawerOpen(false)}
          size="19rem"
          padding={0}
          withCloseButton={false}
          attributes={{ content: { 'aria-label': t('app.sidebar') } }}
          classNames={{ body: css.drawer ?? '' }}
        >
          {sidebar}
        </Drawer>
      )}
      <ChatView
        key={place.number}
        conversationId={place.conversationId}
        start={place.start}
        focusId={place.messageId}
        settings={settings}
        offered={offered}
        onOfferTaken={onOfferTaken}
        onMade={adopt}
        onOpenFile={setOpened}
        onCompare={(first, second) => setDialog({ type: 'compare', first, second })}
        onCapture={app.can.captureRegion ? () => void capture(offer) : undefined}
        headStart={
          <Tooltip label={t('app.sidebar')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('app.sidebar')}
              onClick={commands.toggleSidebar}
            >
              <IconLayoutSidebarLeftCollapse size={20} className="flip-in-rtl" />
            </ActionIcon>
          </Tooltip>
        }
        headEnd={<ModelPicker onOpenLibrary={commands.models} />}
        empty={
          <div className={css.welcome}>
            <Title order={2} ta="center">
              {t('empty.title')}
            </Title>
            <p className={css.welcomeText}>{t('empty.text')}</p>
            <p className={css.welcomeSamples}>{t('empty.samples')}</p>
            <SampleList onTrySample={trySample} />
          </div>
        }
      />
      {opened && <OpenedViewer file={opened} onClose={() => setOpened(null)} />}
      {dialogs}
    </div>
  );
}

async function capture(offer: ReturnType<typeof useOffered>['offer']): Promise<void> {
  try {
    const { uploadId } = await api.captureRegion({});
    if (uploadId) offer({ uploadIds: [uploadId] });
  } catch (error) {
    showFailure(error);
  }
}
