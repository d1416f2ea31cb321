/** Runs tiles or sequences through a model stage by stage: one layer's weights in memory, whatever the model's size. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataFile } from '../conversion/data-file.ts';
import type { StoredTensor } from '../conversion/model-manifest.ts';
import { cpuDevice } from '../inference/device.ts';
import { nextTurn, openSession, runSession } from '../inference/session.ts';
import type { StageWeights } from './stage-weights.ts';
import type { Stage } from './stages.ts';

/** What every run of a check shares. */
export interface Workplace {
  /** An own folder on a disk with room for one layer in fp32. */
  folder: string;
  signal: AbortSignal;
  /** Told after each run of one stage over one tile or sequence. */
  onRun: () => void;
}

export interface OpenStage {
  /** Rejects with the signal's reason after an abort. */
  run(states: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Writes the stage's weights into a file of their own and opens a session on them. */
export async function openStage(stage: Stage, weights: StageWeights, place: Workplace): Promise<OpenStage> {
  const path = join(place.folder, `${randomUUID()}.bin`);
  const tensors: Record<string, StoredTensor> = {};
  const file = await createDataFile(path);
  try {
    for (const parameter of stage.parameters) {
      place.signal.throwIfAborted();
      await weights.store(parameter, { file, tensors, signal: place.signal });
    }
  } finally {
    await file.abandon(); // it only has to live as long as the session
  }
  const graph = stage.write(new Map(Object.entries(tensors)));
  const session = await openSession(graph, { folder: place.folder, device: cpuDevice, threads: 0 });
  return {
    async run(states) {
      await nextTurn();
      place.signal.throwIfAborted();
      const outputs = await runSession(session, stage.feeds(states));
      place.onRun();
      return outputs[stage.output]!.data as Float32Array;
    },
    async close() {
      await session.release();
      await rm(path, { force: true });
    },
  };
}

/** All inputs through all stages, in order. */
export async function runStages(
  stages: readonly Stage[],
  inputs: readonly Float32Array[],
  { weights, place }: { weights: StageWeights; place: Workplace },
): Promise<Float32Array[]> {
  let states = [...inputs];
  for (const stage of stages) {
    const open = await openStage(stage, weights, place);
    try {
      const next: Float32Array[] = [];
      for (const input of states) next.push(await open.run(input));
      states = next;
    } finally {
      await open.close();
    }
  }
  return states;
}
