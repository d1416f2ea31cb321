/** The tray icon: says what the model does, brings the window back, and ends the app. */
import { Menu, nativeImage, Tray } from 'electron';
import type { ModelState } from '../../preload/contract/models.ts';
import type { ShellTexts } from './shell-texts.ts';

export interface TrayState {
  model: ModelState['state'];
  busy: boolean;
}

export interface AppTray {
  update(state: TrayState, texts: ShellTexts): void;
}

/** @returns null where the system has no tray */
export function createTray(
  iconFile: string,
  actions: { show(): void; newConversation(): void; captureRegion(): void; quit(): void },
): AppTray | null {
  const tray = makeTray(iconFile);
  if (!tray) return null;
  tray.on('click', actions.show);
  return {
    update(state, texts) {
      const status = describeTray(state, texts);
      tray.setToolTip(`InternVL Desktop: ${status}`);
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: status, enabled: false },
          { type: 'separator' },
          { label: texts.show, click: actions.show },
          { label: texts.newConversation, click: actions.newConversation },
          { label: texts.captureRegion, click: actions.captureRegion },
          { type: 'separator' },
          { label: texts.quit, click: actions.quit },
        ]),
      );
    },
  };
}

function describeTray({ model, busy }: TrayState, texts: ShellTexts): string {
  return busy ? texts.answering : texts.modelStates[model];
}

function makeTray(iconFile: string): Tray | null {
  try {
    const icon = nativeImage.createFromPath(iconFile);
    if (process.platform === 'darwin') icon.setTemplateImage(true);
    return new Tray(icon);
  } catch {
    return null;
  }
}
