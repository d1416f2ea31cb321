/** Downloads, imports and moves that are under way, kept true by events. */
import { useEffect, useState } from 'react';
import type { ModelJob } from '../../../preload/contract/model-jobs.ts';
import { api } from '../../api.ts';
import { useAppEvent } from '../../app-events.ts';
import { showFailure } from '../../ui/show-failure.ts';

export interface ModelJobs {
  jobs: readonly ModelJob[];
  pause(job: ModelJob): void;
  resume(job: ModelJob): void;
  /** Of a finished one: takes it off the list. */
  cancel(job: ModelJob): void;
}

export function useModelJobs(): ModelJobs {
  const [jobs, setJobs] = useState<readonly ModelJob[]>([]);
  useEffect(() => {
    api.listModelJobs({}).then((answer) => setJobs(answer.jobs), showFailure);
  }, []);
  useAppEvent((event) => {
    if (event.type === 'model-jobs') setJobs(event.jobs);
  });
  return {
    jobs,
    pause: ({ id }) => void api.pauseModelJob({ jobId: id }).catch(showFailure),
    resume: ({ id }) => void api.resumeModelJob({ jobId: id }).catch(showFailure),
    cancel: ({ id }) => void api.cancelModelJob({ jobId: id }).catch(showFailure),
  };
}
