/** One fixed view of the sidebar: all conversations, or the archive. */
import { Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './conversations.module.css';
import type { DragPayload } from './drag-payload.ts';
import { DropZone } from './drop-zone.tsx';

interface ViewButtonProps {
  icon: ReactNode;
  label: string;
  isShown: boolean;
  onShow(): void;
  onDrop(payload: DragPayload): void;
}

export function ViewButton({ icon, label, isShown, onShow, onDrop }: ViewButtonProps) {
  return (
    <DropZone className={classes.folderRow} isShown={isShown} accepts={() => true} onDrop={onDrop}>
      <UnstyledButton
        className={classes.rowButton}
        aria-current={isShown ? 'true' : undefined}
        onClick={onShow}
      >
        {icon}
        <Text component="span" size="sm" truncate>
          {label}
        </Text>
      </UnstyledButton>
    </DropZone>
  );
}
