/** What each matrix's precision costs, measured on real states at the norm that reads them next. */
import { type LinearParameter, outputsOf, type Parameter } from '../architectures/parameters.ts';
import type { FloatSource } from '../conversion/float-source.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import type { Precision } from '../inference/generation-types.ts';
import type { FallbackCandidate } from './choose-fallbacks.ts';
import { openStage, type Workplace } from './run-stages.ts';
import { convertedWeights, mixedWeights, publishedWeights, type StageWeights } from './stage-weights.ts';
import type { Stage } from './stages.ts';

/** What a matrix may be widened to. fp16 computes in fp32: its error counts as none, int8's is measured. */
const widerPrecisions: Partial<Record<Precision, ('int8' | 'fp16')[]>> = {
  int8: ['fp16'],
  int4: ['int8', 'fp16'],
};

/** How many runs of one stage over one tile or sequence scoring takes. */
export function scoringRuns(stages: readonly Stage[], inputCount: number): number {
  const matrices = stages.flatMap(({ parameters }) => parameters.filter(({ kind }) => kind === 'linear'));
  return (stages.length + 2 * matrices.length) * inputCount;
}

/**
 * Walks the published model's states and at each stage computes again with one matrix as converted. The gain is the
 * noise that goes away with it, as a share of the signal in what the next norm passes on.
 * @param inputs tiles or embedded sequences; two are enough to rank matrices by
 */
export async function scoreMatrices(
  work: {
    stages: readonly Stage[];
    inputs: readonly Float32Array[];
    folder: ModelFolder;
    source: FloatSource;
  },
  place: Workplace,
): Promise<FallbackCandidate[]> {
  const candidates: FallbackCandidate[] = [];
  let states = [...work.inputs];
  for (const stage of work.stages) {
    const published = publishedWeights(work.source, 'fp32');
    const expected = await runStage(stage, states, { weights: published, place });
    const weight = await readerWeight(stage, work.source);
    const noiseWith = async (matrix: Parameter, own: StageWeights) => {
      const weights = mixedWeights((parameter) => (parameter === matrix ? own : published));
      return noiseShare(expected, await runStage(stage, states, { weights, place }), weight);
    };
    for (const matrix of stage.parameters) {
      const from = storedPrecision(work.folder, matrix);
      if (matrix.kind !== 'linear' || !from) continue;
      const noise = await noiseWith(matrix, convertedWeights(work.folder));
      for (const to of widerPrecisions[from] ?? []) {
        const left = to === 'fp16' ? 0 : await noiseWith(matrix, publishedWeights(work.source, to));
        const addedBytes = bytesIn(matrix, to) - storedBytes(work.folder, matrix);
        candidates.push({ name: matrix.name, precision: to, gain: noise - left, addedBytes });
      }
    }
    states = expected;
  }
  return candidates;
}

async function runStage(
  stage: Stage,
  inputs: readonly Float32Array[],
  { weights, place }: { weights: StageWeights; place: Workplace },
): Promise<Float32Array[]> {
  const open = await openStage(stage, weights, place);
  try {
    const outputs: Float32Array[] = [];
    for (const input of inputs) outputs.push(await open.run(input));
    return outputs;
  } finally {
    await open.close();
  }
}

/** The next norm's weight, which decides how loud each channel is; null behind the last stage. */
async function readerWeight({ readBy }: Stage, source: FloatSource): Promise<Float32Array | null> {
  return readBy?.kind === 'tensor' ? source.read(readBy.source, readBy.shape) : null;
}

/**
 * Mean over rows of Σ w²(y' − y)² / Σ w²y². Rows are as wide as the norm, or as a patch where the projector's norm
 * reads several side by side: states lie row by row, so a wider row is as good.
 */
function noiseShare(
  expected: readonly Float32Array[],
  actual: readonly Float32Array[],
  weight: Float32Array | null,
): number {
  let sum = 0;
  let rows = 0;
  for (const [index, y] of expected.entries()) {
    const width = weight?.length ?? y.length;
    for (let start = 0; start + width <= y.length; start += width) {
      let [noise, signal] = [0, 0];
      for (let i = 0; i < width; i++) {
        const w = weight ? weight[i]! ** 2 : 1;
        noise += w * (actual[index]![start + i]! - y[start + i]!) ** 2;
        signal += w * y[start + i]! ** 2;
      }
      sum += signal > 0 ? noise / signal : 0;
      rows += 1;
    }
  }
  return sum / Math.max(1, rows);
}

function storedPrecision({ manifest }: ModelFolder, { name }: Parameter): Precision | null {
  const type = manifest.tensors[`${name}.weight`]?.type;
  return type === 'uint8' ? 'int4' : type === 'int8' ? 'int8' : null;
}

function storedBytes({ manifest }: ModelFolder, { name }: Parameter): number {
  const sizes = ['weight', 'weight_scale'].map((part) => manifest.tensors[`${name}.${part}`]?.sizeBytes ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

function bytesIn(matrix: LinearParameter, precision: 'int8' | 'fp16'): number {
  const outputs = outputsOf(matrix);
  return precision === 'fp16' ? 2 * outputs * matrix.inputs : outputs * matrix.inputs + 4 * outputs;
}
