/** How to get a real model: where checkpoints come from, and converting one that lies on this machine. */
import { Anchor, Button, Card, Code, Group, List, NativeSelect, Progress, Text } from '@mantine/core';
import { IconCircleCheck, IconFolderOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../preload/contract/models.ts';
import type { AppDescription } from '../../../preload/contract/system.ts';
import { api } from '../../api.ts';
import { Notice } from '../../ui/notice.tsx';
import { showFailure } from '../../ui/show-failure.ts';
import { convertCommand } from './convert-command.ts';
import { type Precision, useConversion } from './use-conversion.ts';

interface AddModelProps {
  app: Pick<AppDescription, 'can' | 'platform'>;
  onLoad(model: Model): void;
}

const checkpointPage = 'https://huggingface.co/OpenGVLab/InternVL3-1B';
const precisions: Precision[] = ['int4', 'int8', 'fp16', 'fp32'];

export function AddModel({ app, onLoad }: AddModelProps) {
  const { t } = useTranslation('models');
  const { can, platform } = app;
  return (
    <Card withBorder padding="md" component="section" aria-labelledby="add-model">
      <Text fw={600} component="h3" size="md" id="add-model">
        {t('add.title')}
      </Text>
      <List type="ordered" size="sm" spacing={6} mt="sm">
        <List.Item>
          {t('add.download')}{' '}
          {can.openLinks ? (
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => void api.openLink({ url: checkpointPage }).catch(showFailure)}
            >
              {checkpointPage}
            </Anchor>
          ) : (
            <Code>{checkpointPage}</Code>
          )}
        </List.Item>
        <List.Item>{t('add.copy')}</List.Item>
        <List.Item>{can.chooseFolders ? t('add.convert') : t('add.convertByCommand')}</List.Item>
      </List>
      {can.chooseFolders ? (
        <ConvertCheckpoint onLoad={onLoad} />
      ) : (
        <Code block mt="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {convertCommand(platform, 'InternVL3-1B')}
        </Code>
      )}
    </Card>
  );
}

function ConvertCheckpoint({ onLoad }: Pick<AddModelProps, 'onLoad'>) {
  const { t } = useTranslation('models');
  const [precision, setPrecision] = useState<Precision>('int4');
  const { conversion, choose, cancel, dismiss } = useConversion();
  if (conversion.step === 'running') {
    const { name, done, total } = conversion;
    return (
      <div>
        <Text size="sm" mt="md" role="status">
          {total > 0
            ? t('convert.progress', {
                name,
                percent: Math.floor((done / total) * 100),
              })
            : t('convert.starting', { name })}
        </Text>
        <Group mt="xs" wrap="nowrap">
          <Progress
            flex={1}
            value={total > 0 ? (done / total) * 100 : 100}
            animated={total === 0}
            aria-label={t('convert.label', { name })}
          />
          <Button size="xs" variant="default" onClick={cancel}>
            {t('cancel')}
          </Button>
        </Group>
      </div>
    );
  }
  if (conversion.step === 'done') {
    const { model } = conversion;
    return (
      <Notice mt="md" color="teal" icon={<IconCircleCheck />} title={t('convert.done', { name: model.name })}>
        <Group mt="xs">
          <Button
            size="xs"
            onClick={() => {
              dismiss();
              onLoad(model);
            }}
          >
            {t('convert.load')}
          </Button>
          <Button size="xs" variant="default" onClick={dismiss}>
            {t('close')}
          </Button>
        </Group>
      </Notice>
    );
  }
  return (
    <>
      {conversion.failure !== null && (
        <Notice mt="md" color="red" title={t('convert.failed')}>
          {conversion.failure}
        </Notice>
      )}
      <Group mt="md" align="flex-end">
        <NativeSelect
          size="sm"
          label={t('convert.precision')}
          value={precision}
          onChange={(event) => setPrecision(event.currentTarget.value as Precision)}
          data={precisions.map((value) => ({
            value,
            label: t(`convert.precisions.${value}`),
          }))}
        />
        <Button leftSection={<IconFolderOpen size={16} />} onClick={() => choose(precision)}>
          {t('convert.choose')}
        </Button>
      </Group>
    </>
  );
}
