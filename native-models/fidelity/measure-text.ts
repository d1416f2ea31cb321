/** Next-token distributions of a model in some precision beside those of the published weights. */
import type { ModelConfig } from '../architectures/model-config.ts';
import type { FloatSource } from '../conversion/float-source.ts';
import { matrixProduct } from '../conversion/matrix-product.ts';
import type { ModelParameters } from '../conversion/model-parameters.ts';
import { openStage, runStages, type Workplace } from './run-stages.ts';
import type { SampleSequence } from './sample-sequences.ts';
import { publishedWeights, type StageWeights } from './stage-weights.ts';
import { headStage, type Stage } from './stages.ts';
import { addPosition, emptyTally, type LogitFidelity, summarise } from './token-fidelity.ts';

/** Positions whose logits of both models are held at once: 155 MB at 151,674 tokens. */
const positionsAtOnce = 128;
/** Rows of lm_head multiplied at once. */
const rowsPerBlock = 8192;

/** What the published model makes of the sequences, kept for every comparison with it. */
export interface TextReference {
  config: ModelConfig;
  parameters: ModelParameters;
  source: FloatSource;
  stages: Stage[];
  sequences: SampleSequence[];
  /** Normed final states of the compared positions of all sequences, [positions, hidden]. */
  normedStates: Float32Array;
}

/** How many runs one measurement takes: every layer over every sequence, and lm_head over all positions. */
export function textRuns({ stages, sequences }: Pick<TextReference, 'stages' | 'sequences'>): number {
  const positions = sequences.reduce((sum, { rows }) => sum + rows.length, 0);
  return stages.length * sequences.length + Math.ceil(positions / positionsAtOnce);
}

/** Final states behind the norm at each sequence's compared positions, [positions, hidden]. */
export async function referenceStates(
  reference: Omit<TextReference, 'normedStates'>,
  embeddings: Float32Array[],
  place: Workplace,
): Promise<Float32Array> {
  const weights = publishedWeights(reference.source, 'fp32');
  const states = await runStages(reference.stages, embeddings, { weights, place });
  const norm = await openStage(headStage(reference.config, reference.parameters, 'norm'), weights, place);
  try {
    return await norm.run(pickRows(states, reference));
  } finally {
    await norm.close();
  }
}

/** @param embeddings of each sequence with the model's own visual tokens, [tokens, hidden] */
export async function measureText(
  reference: TextReference,
  embeddings: Float32Array[],
  { weights, place }: { weights: StageWeights; place: Workplace },
): Promise<LogitFidelity> {
  const { config, parameters } = reference;
  const states = pickRows(await runStages(reference.stages, embeddings, { weights, place }), reference);
  const next = reference.sequences.flatMap(({ rows, ids }) => rows.map((row) => ids[row + 1]!));
  const hidden = config.decoder.hiddenSize;
  const tally = emptyTally();
  const product = await matrixProduct(hidden);
  const head = await openStage(headStage(config, parameters, 'logits'), weights, place).catch(
    async (error: unknown) => {
      await product.close();
      throw error;
    },
  );
  try {
    for (let first = 0; first < next.length; first += positionsAtOnce) {
      const range = [first * hidden, Math.min(next.length, first + positionsAtOnce) * hidden] as const;
      const model = await head.run(states.slice(...range));
      const published = await publishedLogits(reference, {
        states: reference.normedStates.slice(...range),
        multiply: product.multiply,
        signal: place.signal,
      });
      const width = config.decoder.vocabularySize;
      for (let row = 0; row * width < model.length; row++) {
        const at = [row * width, (row + 1) * width] as const;
        addPosition(tally, {
          reference: published.subarray(...at),
          model: model.subarray(...at),
          next: next[first + row]!,
        });
      }
    }
  } finally {
    await head.close();
    await product.close();
  }
  return summarise(tally);
}

/** Normed states [rows, hidden] · lm_headᵀ, lm_head read a block of rows at a time → [rows, vocabulary]. */
async function publishedLogits(
  { config, parameters, source }: TextReference,
  work: {
    states: Float32Array;
    multiply: (left: Float32Array, right: Float32Array) => Promise<Float32Array>;
    signal: AbortSignal;
  },
): Promise<Float32Array> {
  const { hiddenSize: hidden, vocabularySize: vocabulary } = config.decoder;
  const rowCount = work.states.length / hidden;
  const logits = new Float32Array(rowCount * vocabulary);
  for (let first = 0; first < vocabulary; first += rowsPerBlock) {
    work.signal.throwIfAborted();
    const count = Math.min(rowsPerBlock, vocabulary - first);
    const rows = await source.readRows(lmHeadSource(parameters), [vocabulary, hidden], { first, count });
    const block = await work.multiply(work.states, rows); // [rows, count]
    for (let row = 0; row < rowCount; row++) {
      logits.set(block.subarray(row * count, (row + 1) * count), row * vocabulary + first);
    }
  }
  return logits;
}

function lmHeadSource({ lmHead }: ModelParameters): string {
  return lmHead.kind === 'linear' ? lmHead.weight[0]!.source : lmHead.source;
}

function pickRows(
  states: Float32Array[],
  { sequences, config }: Pick<TextReference, 'sequences' | 'config'>,
): Float32Array {
  const width = config.decoder.hiddenSize;
  const count = sequences.reduce((sum, { rows }) => sum + rows.length, 0);
  const picked = new Float32Array(count * width);
  let at = 0;
  for (const [index, { rows }] of sequences.entries()) {
    for (const row of rows) {
      picked.set(states[index]!.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  }
  return picked;
}
