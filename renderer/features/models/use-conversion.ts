/** Turning a checkpoint folder into a model: choosing it, progress, giving up. */
import { useEffect, useRef, useState } from 'react';
import type { Model } from '../../../preload/contract/models.ts';
import { api } from '../../api.ts';
import { failureSentence } from '../../ui/show-failure.ts';

export type Precision = Model['precision']['decoder'];

export type Conversion =
  | { step: 'idle'; failure: string | null }
  | { step: 'running'; name: string; done: number; total: number }
  | { step: 'done'; model: Model };

export interface ConversionControl {
  conversion: Conversion;
  /** Opens the system's dialog, then converts. */
  choose(precision: Precision): void;
  cancel(): void;
  dismiss(): void;
}

export function useConversion(): ConversionControl {
  const [conversion, setConversion] = useState<Conversion>({
    step: 'idle',
    failure: null,
  });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);

  const choose = async (precision: Precision) => {
    leaving.current = new AbortController();
    const { signal } = leaving.current;
    try {
      const { uploadId, name } = await api.chooseFolder({}, signal);
      if (uploadId === null) return;
      setConversion({ step: 'running', name: name ?? '', done: 0, total: 0 });
      for await (const event of api.convertModel({ uploadId, precision }, signal)) {
        if (signal.aborted) return;
        if (event.type === 'converted') setConversion({ step: 'done', model: event.model });
        else
          setConversion({
            step: 'running',
            name: name ?? '',
            done: event.done,
            total: event.total,
          });
      }
    } catch (error) {
      if (!signal.aborted) setConversion({ step: 'idle', failure: failureSentence(error) });
    }
  };
  return {
    conversion,
    choose: (precision) => void choose(precision),
    cancel() {
      leaving.current?.abort();
      setConversion({ step: 'idle', failure: null });
    },
    dismiss: () => setConversion({ step: 'idle', failure: null }),
  };
}
