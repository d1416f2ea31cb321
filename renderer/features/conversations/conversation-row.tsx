/** One conversation in the list. */
import { ActionIcon, Loader, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconDots, IconGhost2, IconPinFilled } from '@tabler/icons-react';
import { type DragEvent, type KeyboardEvent, type MouseEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConversationMenu, type ConversationMenuProps } from './conversation-menu.tsx';
import classes from './conversations.module.css';
import { RenameField } from './rename-field.tsx';

export interface ConversationRowProps extends ConversationMenuProps {
  isShown: boolean;
  isPicked: boolean;
  /** Whether Tab reaches this row: exactly one row of the list is so. */
  isTabStop: boolean;
  isRunning: boolean;
  isUnseen: boolean;
  isRenaming: boolean;
  onClick(event: MouseEvent): void;
  onKeyDown(event: KeyboardEvent): void;
  onFocus(): void;
  onRenamed(title: string | null): void;
  onDragStart(event: DragEvent): void;
}

export function ConversationRow(props: ConversationRowProps) {
  const { conversation, isTabStop } = props;
  const { t } = useTranslation('conversations');
  const [isMenuOpen, setMenuOpen] = useState(false);
  const title = conversation.title === '' ? t('untitled') : conversation.title;
  if (props.isRenaming) {
    return (
      <div className={classes.row}>
        <RenameField name={conversation.title} label={t('newName')} onDone={props.onRenamed} />
      </div>
    );
  }
  return (
    <Menu
      withInitialFocusPlaceholder={false}
      opened={isMenuOpen}
      onChange={setMenuOpen}
      position="bottom-end"
      withinPortal
      shadow="md"
      transitionProps={{ duration: 80 }}
    >
      <Menu.ContextMenu>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging has its keyboard way in the menu “Move to folder” */}
        <div
          className={classes.row}
          data-shown={props.isShown || undefined}
          data-picked={props.isPicked || undefined}
          draggable
          onDragStart={props.onDragStart}
        >
          <UnstyledButton
            className={classes.rowButton}
            tabIndex={isTabStop ? 0 : -1}
            data-conversation={conversation.id}
            aria-current={props.isShown ? 'page' : undefined}
            onClick={props.onClick}
            onKeyDown={props.onKeyDown}
            onFocus={props.onFocus}
          >
            <RowMarks {...props} />
            <span className={classes.rowTexts}>
              <Text component="span" size="sm" truncate className={classes.rowTitle} dir="auto">
                {title}
              </Text>
              <TagLine {...props} />
            </span>
          </UnstyledButton>
          <Menu.Target>
            <ActionIcon
              className={classes.rowMenu}
              variant="subtle"
              color="gray"
              size="md"
              tabIndex={isTabStop ? 0 : -1}
              aria-label={t('menuOf', { title })}
            >
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
        </div>
      </Menu.ContextMenu>
      {isMenuOpen && <ConversationMenu {...props} />}
    </Menu>
  );
}

function RowMarks({ conversation, isRunning, isUnseen }: ConversationRowProps) {
  const { t } = useTranslation('conversations');
  if (isRunning) {
    return (
      <span className={classes.mark}>
        <Loader size={14} aria-hidden />
        <VisuallyHidden>{t('answering')}</VisuallyHidden>
      </span>
    );
  }
  if (isUnseen) {
    return (
      <span className={classes.mark}>
        <span className={classes.unseenDot} aria-hidden />
        <VisuallyHidden>{t('newAnswer')}</VisuallyHidden>
      </span>
    );
  }
  if (conversation.temporary) {
    return (
      <span className={classes.mark}>
        <IconGhost2 size={14} aria-hidden />
        <VisuallyHidden>{t('temporary')}</VisuallyHidden>
      </span>
    );
  }
  if (conversation.pinned) {
    return (
      <span className={classes.mark}>
        <IconPinFilled size={14} aria-hidden />
        <VisuallyHidden>{t('pinned')}</VisuallyHidden>
      </span>
    );
  }
  return null;
}

function TagLine({ conversation, tags }: ConversationRowProps) {
  const names = tags.filter(({ id }) => conversation.tagIds.includes(id)).map(({ name }) => `#${name}`);
  if (names.length === 0) return null;
  return (
    <Text component="span" size="xs" c="dimmed" truncate dir="auto">
      {names.join(' ')}
    </Text>
  );
}
