/** One model: what it is, whether it is loaded, and what can be done with it. */
import { Badge, List, Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Model, ModelState } from '../../../preload/contract/models.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { loadShare, markOf, precisionText, speedText } from './describe-model.ts';
import { FileCheck } from './file-check.tsx';
import { MeasureSpeed } from './measure-speed.tsx';
import { ModelFidelity } from './model-fidelity.tsx';
import { type ModelCardProps, ModelFrame } from './model-frame.tsx';

export function ModelCard(props: ModelCardProps) {
  const { t } = useTranslation('models');
  const { model, state } = props;
  const { name } = model;
  const mark = markOf(model, state);
  const kind = model.isDemo ? 'demo' : model.isCritic ? 'critic' : null;
  return (
    <ModelFrame
      {...props}
      words={{
        inUse: t('loaded'),
        use: t('load'),
        useNamed: t('loadNamed', { name }),
        leave: t('unload'),
        failed: t('loadFailed'),
      }}
      removal={
        model.isDemo
          ? null
          : {
              open: t('remove.open'),
              title: t('remove.title', { name }),
              text: t('remove.text'),
              confirm: t('remove.confirm'),
            }
      }
      badges={
        kind && (
          <Badge variant="light" color="gray" tt="none">
            {t(kind)}
          </Badge>
        )
      }
      figures={useModelFigures(model)}
    >
      {mark === 'loading' && <LoadProgress state={state} />}
      {mark === 'ready' && <ReadyFigures state={state} />}
      {kind && (
        <Text size="sm" mt="sm">
          {t(`${kind}Words`)}
        </Text>
      )}
      {model.notes.length > 0 && (
        <List size="sm" mt="sm" c="dimmed" aria-label={t('notes')}>
          {model.notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      )}
      {model.fidelity && <ModelFidelity sentences={model.fidelity} />}
      {model.isReadyMade && (
        <Text size="sm" mt="sm">
          {t('readyMade')}
        </Text>
      )}
      {!model.isCritic && <MeasureSpeed model={model} />}
      {!model.isDemo && <FileCheck id={model.id} name={model.name} />}
    </ModelFrame>
  );
}

function useModelFigures(model: Model): string {
  const { t, i18n } = useTranslation('models');
  const number = new Intl.NumberFormat(i18n.language);
  return [
    formatBytes(model.sizeBytes, i18n.language),
    precisionText(model),
    t('context', { tokens: number.format(model.contextLength) }),
    t('tiles', { count: model.maxTiles }),
    model.memoryBytes === undefined
      ? null
      : t('memoryNeed', { size: formatBytes(model.memoryBytes, i18n.language) }),
    model.expected && !model.measured ? speedText(model.expected, t, i18n.language) : null,
    model.license === undefined ? null : t('repository.license', { license: model.license }),
  ]
    .filter((words) => words !== null)
    .join(' · ');
}

function LoadProgress({ state }: { state: ModelState }) {
  const { t } = useTranslation('models');
  const share = loadShare(state);
  return (
    <Progress
      mt="sm"
      value={share === null ? 100 : share * 100}
      animated={share === null}
      aria-label={t('loading')}
    />
  );
}

function ReadyFigures({ state }: { state: ModelState }) {
  const { t, i18n } = useTranslation('models');
  if (state.state !== 'ready') return null;
  const seconds = new Intl.NumberFormat(i18n.language, {
    maximumFractionDigits: 1,
  }).format(state.loadMs / 1000);
  return (
    <Text size="xs" c="dimmed" mt="xs">
      {t('readyFigures', {
        device: state.device,
        memory: formatBytes(state.rssBytes, i18n.language),
        seconds,
      })}
    </Text>
  );
}
