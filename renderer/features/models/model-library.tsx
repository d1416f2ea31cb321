/** All models on this machine, and the way to another one. */
import { Button, Group, Modal, Skeleton, Stack } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence, showFailure } from '../../ui/show-failure.ts';
import { AddModel } from './add-model.tsx';
import { Catalogue } from './catalogue.tsx';
import { orderModels } from './describe-model.ts';
import { JobList } from './job-list.tsx';
import { ModelCard } from './model-card.tsx';
import { RemoteCard } from './remote-card.tsx';
import { RemoteServerForm } from './remote-server-form.tsx';
import { StorageSettings } from './storage-settings.tsx';
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
  const { models, broken, failure, state, load, unload, remove } = useModels();
  const canChooseFolders = useFolderDialog();
  return (
    <Stack>
      {failure !== null && (
        <Notice color="red" title={t('listFailed')}>
          {failure}
        </Notice>
      )}
      {models === null && failure === null && <Skeleton height={96} />}
      {orderModels(models ?? []).map((model) => {
        const acts = { onLoad: () => load(model), onUnload: unload, onRemove: () => remove(model) };
        return model.remote ? (
          <RemoteCard key={model.id} model={model} remote={model.remote} state={state} {...acts} />
        ) : (
          <ModelCard key={model.id} model={model} state={state} {...acts} />
        );
      })}
      {broken.map(({ id, error }) => (
        <Notice key={id} color="red" title={t('broken', { name: id })}>
          {failureSentence(error)}
          <Group mt="xs">
            <Button
              size="xs"
              aria-label={t('files.repairNamed', { name: id })}
              onClick={() => void api.repairModel({ id }).catch(showFailure)}
            >
              {t('files.repair')}
            </Button>
            <Button size="xs" variant="default" onClick={() => remove({ id })}>
              {t('remove.open')}
            </Button>
          </Group>
        </Notice>
      ))}
      <JobList onLoad={(id) => load({ id })} />
      <Catalogue />
      <AddModel canChooseFolders={canChooseFolders} />
      <RemoteServerForm onAdded={(id) => load({ id })} />
      <StorageSettings canChooseFolders={canChooseFolders} />
    </Stack>
  );
}

/** Whether the host has a dialog to choose folders; until it says so, the ways that always work. */
function useFolderDialog(): boolean {
  const [canChooseFolders, setCanChooseFolders] = useState(false);
  useEffect(() => {
    api.describeApp({}).then(
      ({ can }) => setCanChooseFolders(can.chooseFolders),
      () => {},
    );
  }, []);
  return canChooseFolders;
}
