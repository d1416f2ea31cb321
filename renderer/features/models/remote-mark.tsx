/** What marks a model on another machine wherever it is chosen or used. */
import { Badge, Tooltip } from '@mantine/core';
import { IconCloudUp } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model, ModelState } from '../../../preload/contract/models.ts';
import type { RemotePlace } from '../../../preload/contract/remote-models.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';

/** Stands beside the picker as long as the next question would leave this machine. */
export function RemoteMark({ models, state }: { models: readonly Model[]; state: ModelState }) {
  const { t } = useTranslation('remote');
  const remote = useRemotePlace(models, state);
  if (!remote) return null;
  const { host } = remote;
  return (
    <Tooltip label={t('sentToWords', { host })} multiline maw={280}>
      <Badge
        variant="light"
        color="orange"
        tt="none"
        maw="14rem"
        c="var(--mantine-color-text)"
        leftSection={<IconCloudUp size={14} />}
        role="status"
      >
        {t('sentTo', { host })}
      </Badge>
    </Tooltip>
  );
}

/** Of the model that is in use; where none is, of the one that the next question would take. */
function useRemotePlace(models: readonly Model[], state: ModelState): RemotePlace | null {
  const [lastModel, setLastModel] = useState<string | null>(null);
  useEffect(() => {
    api.getSettings({}).then(
      (settings) => setLastModel(settings.lastModel),
      () => {},
    );
  }, []);
  useAppEvent((event) => {
    if (event.type === 'settings-changed') setLastModel(event.settings.lastModel);
  });
  const id = state.state === 'unloaded' ? lastModel : state.modelId;
  return models.find((model) => model.id === id)?.remote ?? null;
}
