/** All models on this machine, and the way to another one. */
import { Modal, Skeleton, Stack } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppDescription } from '../../../preload/contract/system.ts';
import { api } from '../../api.ts';
import { Notice } from '../../ui/notice.tsx';
import { AddModel } from './add-model.tsx';
import { orderModels } from './describe-model.ts';
import { ModelCard } from './model-card.tsx';
import { useModels } from './use-models.ts';

export interface ModelLibraryProps {
  opened: boolean;
  onClose(): void;
}

export function ModelLibrary({ opened, onClose }: ModelLibraryProps) {
  const { t } = useTranslation('models');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Library />
    </Modal>
  );
}

function Library() {
  const { t } = useTranslation('models');
  const { models, failure, state, load, unload, remove } = useModels();
  const app = useHost();
  return (
    <Stack>
      {failure !== null && (
        <Notice color="red" title={t('listFailed')}>
          {failure}
        </Notice>
      )}
      {models === null && failure === null && <Skeleton height={96} />}
      {orderModels(models ?? []).map((model) => (
        <ModelCard
          key={model.id}
          model={model}
          state={state}
          onLoad={() => load(model)}
          onUnload={unload}
          onRemove={() => remove(model)}
        />
      ))}
      <AddModel app={app} onLoad={load} />
    </Stack>
  );
}

/** What the host can do; until it says so, the ways that always work. */
function useHost(): Pick<AppDescription, 'can' | 'platform'> {
  const [app, setApp] = useState<Pick<AppDescription, 'can' | 'platform'>>({
    can: { chooseFolders: false, captureRegion: false, openLinks: false },
    platform: 'other',
  });
  useEffect(() => {
    api.describeApp({}).then(setApp, () => {});
  }, []);
  return app;
}
