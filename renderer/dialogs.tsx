/** The dialogs over the app, at most one at a time. */
import type { ConversationId, MessageId } from '../preload/contract/ids.ts';
import type { ComparedPicture } from './features/chat/chat-types.ts';
import { ExportDialog } from './features/conversations/export-dialog.tsx';
import { ImportDialog } from './features/conversations/import-dialog.tsx';
import { SearchDialog } from './features/conversations/search-dialog.tsx';
import { ModelLibrary } from './features/models/model-library.tsx';
import { SettingsDialog } from './features/settings/settings-dialog.tsx';
import { CompareDialog } from './features/viewer/compare-dialog.tsx';

export type ShownDialog =
  | { type: 'search' | 'import' | 'models' | 'settings' }
  /** Null: all conversations. */
  | { type: 'export'; ids: readonly ConversationId[] | null }
  | { type: 'compare'; first: ComparedPicture; second: ComparedPicture };

interface DialogsProps {
  shown: ShownDialog | null;
  /** The one on the screen. */
  conversationId: ConversationId | null;
  onChange(shown: ShownDialog | null): void;
  onShow(id: ConversationId, messageId?: MessageId | null): void;
}

export function Dialogs({ shown, conversationId, onChange, onShow }: DialogsProps) {
  const close = () => onChange(null);
  const isShown = (type: ShownDialog['type']) => shown?.type === type;
  return (
    <>
      <SearchDialog
        opened={isShown('search')}
        conversationId={conversationId}
        onClose={close}
        onShow={(id, messageId) => {
          close();
          onShow(id, messageId);
        }}
      />
      <ExportDialog
        opened={isShown('export')}
        ids={shown?.type === 'export' ? shown.ids : null}
        onClose={close}
      />
      <ImportDialog
        opened={isShown('import')}
        onClose={close}
        onShow={(id) => {
          close();
          onShow(id);
        }}
      />
      <ModelLibrary opened={isShown('models')} onClose={close} />
      <SettingsDialog
        opened={isShown('settings')}
        onClose={close}
        onExportAll={() => onChange({ type: 'export', ids: null })}
        onImport={() => onChange({ type: 'import' })}
        onRepaired={() => location.reload()}
      />
      {shown?.type === 'compare' && (
        <CompareDialog first={shown.first} second={shown.second} onClose={close} />
      )}
    </>
  );
}
