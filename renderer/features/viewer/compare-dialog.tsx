/** Two pictures side by side, zoomed and moved as one. */
import { ActionIcon, Checkbox, Group, Modal, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pictureAddress } from './place-words.ts';
import { Stage } from './stage.tsx';
import { type SharedLook, useViewTransform } from './use-view-transform.ts';
import type { Look } from './view-transform.ts';
import classes from './viewer.module.css';
import { placeLabel } from './viewer.tsx';
import type { ViewerPlace, ViewerSubject } from './viewer-types.ts';

export interface Compared {
  subject: ViewerSubject;
  place: ViewerPlace;
}

export interface CompareDialogProps {
  first: Compared;
  second: Compared;
  onClose(): void;
}

export function CompareDialog({ first, second, onClose }: CompareDialogProps) {
  const { t } = useTranslation('viewer');
  const [isLinked, setLinked] = useState(true);
  const shared = useState<Look | null>(null);
  return (
    <Modal.Root opened onClose={onClose} fullScreen>
      <Modal.Content aria-label={t('compare.title')}>
        <Modal.Body p={0} h="100%">
          <div className={classes.viewer}>
            <Group className={classes.toolbar} wrap="nowrap">
              <Text size="sm" fw={600}>
                {t('compare.title')}
              </Text>
              <Checkbox
                size="xs"
                label={t('compare.linked')}
                checked={isLinked}
                onChange={(event) => setLinked(event.currentTarget.checked)}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                ms="auto"
                aria-label={t('close')}
                onClick={onClose}
              >
                <IconX size={18} />
              </ActionIcon>
            </Group>
            <div className={classes.compared}>
              {[first, second].map((compared, index) => (
                <ComparedPicture
                  // The two may be the same file at the same place.
                  // biome-ignore lint/suspicious/noArrayIndexKey: there are always two
                  key={`${index}-${isLinked}`}
                  compared={compared}
                  shared={isLinked ? shared : undefined}
                />
              ))}
            </div>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function ComparedPicture({ compared, shared }: { compared: Compared; shared: SharedLook | undefined }) {
  const { t } = useTranslation('viewer');
  const { subject, place } = compared;
  const control = useViewTransform(shared);
  return (
    <figure className={classes.figure}>
      <Stage
        control={control}
        address={pictureAddress(subject.attachment, place, 2048)}
        label={placeLabel(t, subject.name, place)}
      />
      <figcaption className={classes.caption} dir="auto">
        {placeLabel(t, subject.name, place)}
      </figcaption>
    </figure>
  );
}
