/** What the service may ask of the shell, answered by Electron. */
import type { BrowserWindow } from 'electron';
import type { UploadId } from '../../preload/contract/uploads.ts';
import type { ShellHandlers } from '../service/host-contract.ts';
import { chooseFolder } from './dialogs.ts';
import { notifyAnswer } from './notifications.ts';
import { openLink } from './open-link.ts';
import { sealSecret, unsealSecret } from './secrets.ts';
import type { ShellTexts } from './shell-texts.ts';

export interface ShellPowers {
  /** Null while there is none. */
  window(): BrowserWindow | null;
  texts(): ShellTexts;
  offerFile(path: string): Promise<UploadId>;
  /** Null where the person gave up. */
  captureRegion(): Promise<UploadId | null>;
  showConversation(conversationId: string): void;
  setBusy(busy: boolean): void;
}

export function electronShell(powers: ShellPowers): ShellHandlers {
  return {
    async describeShell() {
      return { host: 'electron', can: { chooseFolders: true, captureRegion: true, openLinks: true } };
    },
    async openExternalLink({ url }) {
      await openLink(url, { window: powers.window(), texts: powers.texts() });
      return {};
    },
    async chooseFolder() {
      const chosen = await chooseFolder(powers.window(), powers.texts().chooseFolder);
      if (!chosen) return { uploadId: null, name: null };
      return { uploadId: await powers.offerFile(chosen.path), name: chosen.name.slice(0, 500) };
    },
    captureRegion: async () => ({ uploadId: await powers.captureRegion() }),
    async notifyAnswer({ title, conversationId }) {
      const onClick = () => powers.showConversation(conversationId);
      notifyAnswer({ title: powers.texts().answerDone, body: title }, { window: powers.window(), onClick });
      return {};
    },
    async setBusy({ busy }) {
      powers.setBusy(busy);
      return {};
    },
    encryptSecret: async ({ text }) => ({ sealed: sealSecret(text) }),
    decryptSecret: async ({ sealed }) => ({ text: unsealSecret(sealed) }),
  };
}
