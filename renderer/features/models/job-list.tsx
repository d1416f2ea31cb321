/** What is being fetched, imported, repaired or moved: how far it is, how long it takes, and pausing or stopping it. */
import { Button, Card, Group, Progress, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconPlayerPause,
  IconPlayerPlay,
  IconX,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ModelId } from '../../../preload/contract/ids.ts';
import type { ModelJob } from '../../../preload/contract/model-jobs.ts';
import { formatBytes } from '../../ui/format-bytes.ts';
import { Notice } from '../../ui/notice.tsx';
import { failureSentence } from '../../ui/show-failure.ts';
import { formatTimeLeft, jobShare } from './describe-job.ts';
import { useModelJobs } from './use-model-jobs.ts';

export function JobList({ onLoad }: { onLoad(id: ModelId): void }) {
  const { jobs, pause, resume, cancel } = useModelJobs();
  return jobs.map((job) => (
    <JobCard
      key={job.id}
      job={job}
      onPause={() => pause(job)}
      onResume={() => resume(job)}
      onCancel={() => cancel(job)}
      onLoad={onLoad}
    />
  ));
}

interface JobCardProps {
  job: ModelJob;
  onPause(): void;
  onResume(): void;
  onCancel(): void;
  onLoad(id: ModelId): void;
}

const endings = {
  download: 'jobs.done',
  import: 'jobs.done',
  repair: 'jobs.repaired',
  move: 'jobs.moved',
} as const;

const isMending = ({ kind, step }: ModelJob) => kind === 'repair' && step === 'converting';

function JobCard(props: JobCardProps) {
  const { t } = useTranslation('models');
  const { job, onCancel, onLoad } = props;
  const { modelId } = job;
  if (job.state === 'done') {
    return (
      <Notice color="teal" icon={<IconCircleCheck />} title={t(endings[job.kind], { name: job.name })}>
        <Group mt="xs">
          {modelId && (
            <Button
              size="xs"
              onClick={() => {
                onCancel();
                onLoad(modelId);
              }}
            >
              {t('jobs.load')}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={onCancel}>
            {t('close')}
          </Button>
        </Group>
      </Notice>
    );
  }
  return (
    <Card withBorder padding="md" component="section" aria-label={t('jobs.label', { name: job.name })}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Text fw={600} component="h3" size="md">
          {job.name}
        </Text>
        <JobButtons {...props} />
      </Group>
      <JobState job={job} />
    </Card>
  );
}

function JobButtons({ job, onPause, onResume, onCancel }: JobCardProps) {
  const { t } = useTranslation('models');
  const { name } = job;
  return (
    <Group gap="xs">
      {job.state === 'running' && job.kind !== 'move' && job.step !== 'copying' && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          onClick={onPause}
          aria-label={t('jobs.pauseNamed', { name })}
        >
          {t('jobs.pause')}
        </Button>
      )}
      {(job.state === 'paused' || job.state === 'failed') && (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          onClick={onResume}
          aria-label={t('jobs.resumeNamed', { name })}
        >
          {t(job.state === 'failed' ? 'jobs.retry' : 'jobs.resume')}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconX size={14} />}
        onClick={onCancel}
        aria-label={t('jobs.cancelNamed', { name })}
      >
        {t('cancel')}
      </Button>
    </Group>
  );
}

function JobState({ job }: { job: ModelJob }) {
  const { t, i18n } = useTranslation('models');
  const share = jobShare(job);
  const percent = share === null ? null : Math.floor(share * 100);
  const step = job.kind === 'move' ? 'moving' : isMending(job) ? 'repairing' : job.step;
  const words = [
    job.state === 'paused' ? t('jobs.paused') : t(`jobs.steps.${step}`),
    percent === null ? null : `${percent} %`,
    job.step === 'fetching' && job.total > 0
      ? t('jobs.of', {
          done: formatBytes(job.done, i18n.language),
          total: formatBytes(job.total, i18n.language),
        })
      : null,
    job.bytesPerSecond ? t('jobs.speed', { size: formatBytes(job.bytesPerSecond, i18n.language) }) : null,
    job.timeLeftMs === null ? null : t('jobs.left', { time: formatTimeLeft(job.timeLeftMs, i18n.language) }),
  ];
  return (
    <>
      {job.error && (
        <Notice mt="sm" color="red" icon={<IconAlertTriangle size={18} />} title={t('jobs.failed')}>
          {failureSentence(job.error)}
        </Notice>
      )}
      {job.state !== 'failed' && (
        <>
          <Text size="sm" c="dimmed" mt={4}>
            {words.filter((word) => word !== null).join(' · ')}
          </Text>
          <Progress
            mt="xs"
            value={percent ?? 100}
            animated={percent === null && job.state === 'running'}
            aria-label={t('jobs.label', { name: job.name })}
          />
        </>
      )}
    </>
  );
}
