/** The application menu, as a template: what it holds is data, so it can be looked at without Electron. */
import type { MenuItemConstructorOptions } from 'electron';
import type { AppEvent } from '../../preload/contract/system.ts';
import type { ShellTexts } from './shell-texts.ts';

export type Command = Extract<AppEvent, { type: 'command' }>['command'];

export interface MenuActions {
  command(command: Command): void;
  captureRegion(): void;
}

export function menuTemplate(
  texts: ShellTexts,
  actions: MenuActions,
  { platform, isPackaged }: { platform: NodeJS.Platform; isPackaged: boolean },
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => actions.command(command),
    ...(accelerator && { accelerator }),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const settings = item(texts.settings, 'settings', 'CmdOrCtrl+,');
  return [
    ...(isMac
      ? [
          {
            role: 'appMenu' as const,
            submenu: [
              { role: 'about' as const },
              separator,
              settings,
              separator,
              { role: 'services' as const },
              separator,
              { role: 'hide' as const },
              { role: 'hideOthers' as const },
              { role: 'unhide' as const },
              separator,
              { role: 'quit' as const },
            ],
          },
        ]
      : []),
    {
      label: texts.file,
      submenu: [
        item(texts.newConversation, 'new-conversation', 'CmdOrCtrl+N'),
        { label: texts.captureRegion, click: actions.captureRegion },
        separator,
        item(texts.importFile, 'import'),
        item(texts.exportAll, 'export'),
        separator,
        item(texts.models, 'models'),
        ...(isMac ? [] : [settings]),
        separator,
        isMac ? { role: 'close' } : { role: 'quit', label: texts.quit },
      ],
    },
    { role: 'editMenu', label: texts.edit },
    {
      label: texts.view,
      submenu: [
        item(texts.search, 'search', 'CmdOrCtrl+Shift+F'),
        item(texts.palette, 'palette', 'CmdOrCtrl+K'),
        item(texts.toggleSidebar, 'toggle-sidebar', 'CmdOrCtrl+B'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        // Tools for those who work on the app; in the package they would be a way around everything else.
        ...(isPackaged ? [] : [separator, { role: 'reload' as const }, { role: 'toggleDevTools' as const }]),
      ],
    },
    { role: 'windowMenu', label: texts.window },
  ];
}
