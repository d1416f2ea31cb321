/** The viewer over the whole window. */
import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Viewer, type ViewerProps } from './viewer.tsx';

export type ViewerDialogProps = ViewerProps & { onClose(): void };

export function ViewerDialog(props: ViewerDialogProps) {
  const { t } = useTranslation('viewer');
  return (
    <Modal.Root opened onClose={props.onClose} fullScreen>
      <Modal.Content aria-label={t('title', { name: props.subject.name })}>
        <Modal.Body p={0} h="100%">
          <Viewer {...props} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
