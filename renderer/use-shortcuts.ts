/** Keys that work wherever the focus is; `mod` is Ctrl, or Cmd on a Mac. */
import { useHotkeys } from '@mantine/hooks';

export interface Commands {
  palette(): void;
  newConversation(): void;
  search(): void;
  settings(): void;
  toggleSidebar(): void;
}

export function useShortcuts(commands: Commands): void {
  useHotkeys(
    [
      ['mod+K', commands.palette],
      ['mod+N', commands.newConversation],
      ['mod+shift+F', commands.search],
      ['mod+,', commands.settings],
      ['mod+B', commands.toggleSidebar],
    ],
    [],
    true,
  );
}
