/** Asking what a repository is, before it is fetched. */
import { useEffect, useRef, useState } from 'react';
import type { Judgement } from '../../../preload/contract/model-jobs.ts';
import { api } from '../../api.ts';

export type Judging =
  | { step: 'idle' }
  | { step: 'asking' }
  | { step: 'judged'; judgement: Judgement }
  | { step: 'failed'; error: unknown };

export function useJudgement() {
  const [judging, setJudging] = useState<Judging>({ step: 'idle' });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const judge = async (repository: string) => {
    leaving.current?.abort();
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    setJudging({ step: 'asking' });
    try {
      const judgement = await api.judgeRepository({ repository }, signal);
      if (!signal.aborted) setJudging({ step: 'judged', judgement });
    } catch (error) {
      if (!signal.aborted) setJudging({ step: 'failed', error });
    }
  };
  return {
    judging,
    judge: (repository: string) => void judge(repository),
    dismiss: () => setJudging({ step: 'idle' }),
  };
}
