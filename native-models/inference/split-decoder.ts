/** One decoder whose layers run on several devices: stage after stage, hidden states handed on through host memory. */
import { AppError } from '../../preload/contract/errors.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { type Decoder, openDecoder, type ReadingStep } from './decoder.ts';
import type { KvCache, KvSnapshot } from './kv-cache.ts';
import type { DecoderStage } from './layer-plan.ts';

/** A cache of one sequence over all stages; each holds the keys and values of its own layers. */
interface SplitCache extends KvCache {
  readonly stages: readonly KvCache[];
}

/**
 * Opens a session for each stage. One stage is the unsplit decoder itself.
 * @throws AppError `invalid_request` for a model imported as graphs, which can't be cut; else as `openDecoder`
 */
export async function openSplitDecoder(
  folder: ModelFolder,
  stages: readonly DecoderStage[],
  { threads }: { threads: number },
): Promise<Decoder> {
  const [only] = stages;
  if (only && stages.length === 1) return openDecoder(folder, { device: only.device, threads });
  if (folder.manifest.graphs) {
    throw new AppError(
      'invalid_request',
      'A model imported from ONNX files can’t be split over devices. Name one device.',
    );
  }
  const opened: Decoder[] = [];
  const close = async () => {
    for (const stage of opened) await stage.close();
  };
  try {
    for (const { device, layers } of stages)
      opened.push(await openDecoder(folder, { device, threads }, layers));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...joinStages(
      opened,
      stages.map((stage) => stage.layers),
    ),
    close,
  };
}

function joinStages(stages: readonly Decoder[], layers: readonly LayerRange[]): Omit<Decoder, 'close'> {
  return {
    config: stages[0]!.config,
    createCache: (start) =>
      splitCache(stages.map((stage, index) => stage.createCache(start && stagePart(start, layers[index]!)))),
    run: (step) => handOn(stages, step, (stage, part) => stage.run(part)),
    read: (step) => handOn(stages, step, (stage, part) => stage.read(part)),
    runTogether: (steps) =>
      keepingLengths(
        steps.map(({ cache }) => cache),
        async () => {
          let rows = steps.map(({ hidden }) => hidden);
          for (const [index, stage] of stages.entries()) {
            rows = await stage.runTogether(
              steps.map((step, at) => ({
                ...step,
                hidden: rows[at]!,
                cache: stagesOf(step.cache)[index]!,
              })),
            );
          }
          return rows;
        },
      ),
  };
}

/** One sequence's run through all stages; what the last one gives comes back. */
function handOn<Step extends ReadingStep>(
  stages: readonly Decoder[],
  step: Step,
  run: (stage: Decoder, part: Step) => Promise<Float32Array>,
): Promise<Float32Array> {
  return keepingLengths([step.cache], async () => {
    let { hidden } = step;
    for (const [index, stage] of stages.entries())
      hidden = await run(stage, { ...step, hidden, cache: stagesOf(step.cache)[index]! });
    return hidden;
  });
}

/** A stage's layers of a snapshot over all. */
function stagePart({ length, keys, values }: KvSnapshot, { first, end }: LayerRange): KvSnapshot {
  return { length, keys: keys.slice(first, end), values: values.slice(first, end) };
}

/** A run that fails at a late stage leaves no stage with more tokens than the others. */
async function keepingLengths<T>(caches: readonly KvCache[], run: () => Promise<T>): Promise<T> {
  const lengths = caches.map(({ length }) => length);
  try {
    return await run();
  } catch (error) {
    for (const [index, cache] of caches.entries()) cache.truncate(lengths[index]!);
    throw error;
  }
}

function stagesOf(cache: KvCache): readonly KvCache[] {
  return (cache as SplitCache).stages; // `createCache` above makes no others
}

/** All stages do everything together, so each has the same length; only those on the host know a shared prefix. */
function splitCache(stages: readonly KvCache[]): SplitCache {
  return {
    stages,
    get length() {
      return stages[0]!.length;
    },
    get prefix() {
      return stages.find(({ prefix }) => prefix !== null)?.prefix ?? null;
    },
    reserve(length) {
      for (const stage of stages) stage.reserve(length);
    },
    truncate(length) {
      for (const stage of stages) stage.truncate(length);
    },
    fork: () => splitCache(stages.map((stage) => stage.fork())),
    async snapshot() {
      const parts = await Promise.all(stages.map((stage) => stage.snapshot()));
      return {
        length: stages[0]!.length,
        keys: parts.flatMap(({ keys }) => keys),
        values: parts.flatMap(({ values }) => values),
      };
    },
    release() {
      for (const stage of stages) stage.release();
    },
  };
}
