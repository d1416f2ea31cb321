/** The language model through an imported decoder_model_merged: its keys and values grow, so the whole past goes in and out. */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../../preload/contract/errors.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import type { ImportedGraph } from '../conversion/model-manifest.ts';
import type { Decoder, DecoderStep } from './decoder.ts';
import { openExportedSession } from './exported-session.ts';
import { createKvCache, type HostKvCache, hostCache, restoreKvCache } from './kv-cache.ts';
import { runOneByOne } from './one-by-one.ts';
import { floatTensor, integerTensor, runSession, type SessionOptions } from './session.ts';

/**
 * Opens the imported decoder. It behaves as our own with two exceptions: positions are whole numbers, and sequences
 * that decode together run one after the other.
 * @throws AppError as `openExportedSession`
 */
export async function openExportedDecoder(
  folder: ModelFolder,
  graph: ImportedGraph,
  options: Omit<SessionOptions, 'folder'>,
): Promise<Decoder> {
  const config = folder.manifest.config.decoder;
  const session = await openExportedSession(folder, graph, options);
  const layers = { first: 0, end: config.layerCount };
  const run = (step: DecoderStep) => runStep(session, config, { ...step, cache: hostCache(step.cache) });
  return {
    config,
    createCache: (start) => (start ? restoreKvCache(config, layers, start) : createKvCache(config, layers)),
    run,
    read: (step) => run({ ...step, logitRows: [] }),
    runTogether: (steps) => runOneByOne(run, steps),
    close: () => session.release(),
  };
}

type HostStep = DecoderStep & { cache: HostKvCache };

async function runStep(
  session: InferenceSession,
  config: DecoderConfig,
  step: HostStep,
): Promise<Float32Array> {
  const count = step.positions.length;
  const outputs = await runSession(session, feedsOf(session, config, step));
  step.cache.append(newRows(outputs, config, count), count);
  const logits = outputs.logits!.data as Float32Array; // [1, the last rows, vocabulary]
  const width = config.vocabularySize;
  const firstRow = count - logits.length / width;
  const wanted = new Float32Array(step.logitRows.length * width);
  for (const [index, row] of step.logitRows.entries()) {
    wanted.set(logits.subarray((row - firstRow) * width, (row - firstRow + 1) * width), index * width);
  }
  return wanted;
}

/** What the session asks for, and nothing else: exporters differ in what they leave to be given. */
function feedsOf(
  session: InferenceSession,
  config: DecoderConfig,
  { hidden, positions, cache, logitRows }: HostStep,
): Record<string, Tensor> {
  const count = positions.length;
  const total = cache.length + count;
  const keptRows = count - Math.min(...logitRows, count - 1); // the last row at least: of 0 some exports make all
  const offers: Record<string, () => Tensor> = {
    inputs_embeds: () => floatTensor(hidden, [1, count, config.hiddenSize]),
    attention_mask: () => integerTensor(new Array<number>(total).fill(1), [1, total]),
    position_ids: () => integerTensor(wholePositions(positions), [1, count]),
    num_logits_to_keep: () => integerTensor([keptRows], []),
    use_cache_branch: () => new Tensor('bool', Uint8Array.of(cache.length > 0 ? 1 : 0), [1]),
  };
  const feeds = pastFeeds(config, cache);
  for (const name of session.inputNames) {
    const offer = offers[name];
    if (offer) feeds[name] = offer();
  }
  return feeds;
}

/** @throws AppError `invalid_request` for fractions, which visual tokens have under V2PE */
function wholePositions(positions: Float32Array): number[] {
  if (positions.every(Number.isInteger)) return Array.from(positions);
  throw new AppError(
    'invalid_request',
    'This imported model takes whole positions only. Set the step of visual positions to 1.',
  );
}

/** Keys and values so far, [1, kvHeads, past, headDim] a layer; the past may be empty. */
function pastFeeds(
  { layerCount, kvHeadCount, headDim }: DecoderConfig,
  cache: HostKvCache,
): Record<string, Tensor> {
  const { length, keys, values } = cache.snapshot();
  const dims = [1, kvHeadCount, length, headDim];
  const feeds: Record<string, Tensor> = {};
  for (let layer = 0; layer < layerCount; layer++) {
    feeds[`past_key_values.${layer}.key`] = floatTensor(keys[layer]!, dims);
    feeds[`past_key_values.${layer}.value`] = floatTensor(values[layer]!, dims);
  }
  return feeds;
}

/** The last rows of each present, under the names that a cache takes: [1, kvHeads, count, headDim]. */
function newRows(
  outputs: Readonly<Record<string, Tensor>>,
  { layerCount, kvHeadCount, headDim }: DecoderConfig,
  count: number,
): Record<string, Tensor> {
  const width = count * headDim;
  const last = (present: Tensor) => {
    const rows = present.data as Float32Array; // [1, kvHeads, past + count, headDim]
    const perHead = rows.length / kvHeadCount;
    const fresh = new Float32Array(kvHeadCount * width);
    for (let head = 0; head < kvHeadCount; head++) {
      fresh.set(rows.subarray((head + 1) * perHead - width, (head + 1) * perHead), head * width);
    }
    return floatTensor(fresh, [1, kvHeadCount, count, headDim]);
  };
  const appended: Record<string, Tensor> = {};
  for (let layer = 0; layer < layerCount; layer++) {
    appended[`new_key.${layer}`] = last(outputs[`present.${layer}.key`]!);
    appended[`new_value.${layer}`] = last(outputs[`present.${layer}.value`]!);
  }
  return appended;
}
