/** The viewer's buttons. */
import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import {
  IconAspectRatio,
  IconChevronLeft,
  IconChevronRight,
  IconDownload,
  IconLayoutSidebar,
  IconLetterCase,
  IconMarquee2,
  IconX,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import direction from '../../ui/direction.module.css';
import { attachmentAddress } from './place-words.ts';
import type { ViewControl } from './use-view-transform.ts';
import classes from './viewer.module.css';
import type { ViewerSubject } from './viewer-types.ts';

interface ViewerToolbarProps {
  subject: ViewerSubject;
  control: ViewControl;
  page: number | null;
  pageCount: number;
  isDrawing: boolean;
  isStripShown: boolean;
  isTextShown: boolean;
  onPage(page: number): void;
  /** Absent: this viewer asks nothing. */
  onDraw?: (() => void) | undefined;
  /** Absent: there is no strip of pages. */
  onToggleStrip?: (() => void) | undefined;
  onToggleText?: (() => void) | undefined;
  onClose?: (() => void) | undefined;
}

export function ViewerToolbar(props: ViewerToolbarProps) {
  const { subject, control, page, pageCount } = props;
  const { t, i18n } = useTranslation('viewer');
  const percent = new Intl.NumberFormat(i18n.language, {
    style: 'percent',
  }).format(control.view.scale * window.devicePixelRatio);
  return (
    <Group className={classes.toolbar} gap={4} role="toolbar" aria-label={t('toolbar')}>
      {props.onToggleStrip && (
        <Tool label={t('pages')} isOn={props.isStripShown} onClick={props.onToggleStrip}>
          <IconLayoutSidebar size={18} className={direction.mirrored} />
        </Tool>
      )}
      <Text size="sm" fw={600} truncate className={classes.name} dir="auto">
        {subject.name}
      </Text>
      {page !== null && pageCount > 1 && (
        <Group gap={2} wrap="nowrap" flex="none">
          <Tool label={t('previousPage')} isDisabled={page <= 1} onClick={() => props.onPage(page - 1)}>
            <IconChevronLeft size={18} className={direction.mirrored} />
          </Tool>
          <Text size="sm" aria-live="polite" className={classes.count}>
            {t('pageOf', { page, count: pageCount })}
          </Text>
          <Tool label={t('nextPage')} isDisabled={page >= pageCount} onClick={() => props.onPage(page + 1)}>
            <IconChevronRight size={18} className={direction.mirrored} />
          </Tool>
        </Group>
      )}
      <Group gap={2} wrap="nowrap" ms="auto" flex="none">
        <Tool label={t('zoomOut')} onClick={() => control.zoom(1 / 1.25)}>
          <IconZoomOut size={18} />
        </Tool>
        <Tooltip label={t('actualSize')} openDelay={400}>
          <button type="button" className={classes.percent} onClick={control.actualSize}>
            {percent}
          </button>
        </Tooltip>
        <Tool label={t('zoomIn')} onClick={() => control.zoom(1.25)}>
          <IconZoomIn size={18} />
        </Tool>
        <Tool label={t('fit')} onClick={control.fit}>
          <IconAspectRatio size={18} />
        </Tool>
        {props.onDraw && (
          <Tool label={t('region.draw')} isOn={props.isDrawing} onClick={props.onDraw}>
            <IconMarquee2 size={18} />
          </Tool>
        )}
        {props.onToggleText && (
          <Tool label={t('text.toggle')} isOn={props.isTextShown} onClick={props.onToggleText}>
            <IconLetterCase size={18} />
          </Tool>
        )}
        <Tooltip label={t('download')} openDelay={400}>
          <ActionIcon
            component="a"
            href={attachmentAddress(subject.attachment.id)}
            download={subject.name}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('download')}
          >
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
        {props.onClose && (
          <Tool label={t('close')} onClick={props.onClose}>
            <IconX size={18} />
          </Tool>
        )}
      </Group>
    </Group>
  );
}

interface ToolProps {
  label: string;
  isOn?: boolean;
  isDisabled?: boolean;
  onClick(): void;
  children: ReactNode;
}

function Tool({ label, isOn, isDisabled = false, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon
        {...(isOn ? { variant: 'light' } : { variant: 'subtle', color: 'gray' })}
        size="lg"
        aria-label={label}
        aria-pressed={isOn}
        disabled={isDisabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
