/** Tells that something is deleted, with a button that takes it back. */
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

/** How long a deletion can be taken back. */
export const undoMs = 8000;

/**
 * Stays until `hide`, since a notice that closes by itself would stay as long as it is pointed at, past the time to undo.
 * @returns its id, for `notifications.hide`
 */
export function showUndoNotice({
  text,
  undo,
}: {
  text: string;
  undo: { label: string; run(): void };
}): string {
  return notifications.show({
    autoClose: false,
    withCloseButton: false,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{text}</Text>
        <Button size="compact-sm" variant="default" onClick={undo.run}>
          {undo.label}
        </Button>
      </Group>
    ),
  });
}
