/**
 * How much memory a model takes, told before it is loaded. The figures are growths of the engine's resident memory,
 * measured with ONNX Runtime 1.30 on x64 Linux (docs/decisions.md).
 */
import type { DecoderConfig, ModelConfig, VisionConfig } from '../architectures/model-config.ts';
import { isForReading } from '../architectures/reading-decoder.ts';
import type { ModelManifest } from '../conversion/model-manifest.ts';
import { cpuDevice, type Device, deviceName } from './device.ts';
import type { Precision } from './generation-types.ts';
import type { ModelPlaces } from './layer-plan.ts';

const mebibyte = 1024 * 1024;

/** ONNX Runtime's code in use, its sessions, and the engine's own heap. */
const programBytes = 34 * mebibyte;

/** The tokenizer's tables, for each byte of tokenizer.json. */
const tokenizerFactor = 23;

/**
 * A stored byte in memory. fp16 is widened; int8 is packed anew; int4 too (`uint8`, two values a byte), with scales and
 * sums of each block of 32 in fp32 beside it: 28 to 30 bytes for 16. Its stored fp16 scales are counted in that.
 */
const loadedFactors = { float32: 1, float16: 2, int8: 1.07, uint8: 1.9 } as const;

/** The same for each value of a weight, scales included. On the disk int4 takes 0.5625 (conversion/disk-space.ts). */
const loadedBytesPerValue: Record<Precision, number> = { fp32: 4, fp16: 4, int8: 1.07, int4: 0.95 };

/** What a model is asked first. */
export interface QuestionSize {
  /** Prompt and answer, visual tokens among them. */
  tokens: number;
  hasPictures: boolean;
}

/** A picture of seven tiles and a few sentences. */
export const usualQuestion: QuestionSize = { tokens: 2048, hasPictures: true };

export interface MemoryNeed {
  /** Code and tables. */
  programBytes: number;
  /** As they are held, by device name: packed on the CPU, as stored on a GPU. */
  weightsByDevice: Record<string, number>;
  /** Keys and values of the question's tokens, in the room that they end in and the one that they grew out of. */
  kvBytes: number;
  /** Activations of the vision encoder, and of reading the prompt. */
  visionBytes: number;
  promptBytes: number;
  /** All of these on the CPU, or the moment of loading where the largest tensor is there twice. */
  peakBytes: number;
}

/** What of a manifest tells its size. */
export type WeighedManifest = Pick<ModelManifest, 'tensors' | 'config'> &
  Partial<Pick<ModelManifest, 'graphs' | 'files'>>;

export interface MemoryCircumstances {
  question: QuestionSize;
  /** Runs that a tile goes through (`planRuns`), of which each keeps its buffers, or 1 where they give them back. */
  visionBuffers: number;
  /** Default: everything on the CPU. Only what lies on the CPU is counted. */
  places?: ModelPlaces;
}

/** What a model takes while it is loaded and answers a question. */
export function estimateMemory(manifest: WeighedManifest, circumstances: MemoryCircumstances): MemoryNeed {
  const { question, visionBuffers, places } = circumstances;
  const { vision, decoder } = manifest.config;
  const tokens = Math.min(question.tokens, decoder.contextLength); // what is longer is cut or refused for that
  const weightsByDevice: Record<string, number> = { cpu: importedBytes(manifest) };
  let largestHere = 0;
  for (const [name, tensor] of Object.entries(manifest.tensors)) {
    const device = places ? placeOf(name, places) : cpuDevice;
    const bytes = device.provider === 'cpu' ? loadedBytes(name, tensor) : tensor.sizeBytes;
    weightsByDevice[deviceName(device)] = (weightsByDevice[deviceName(device)] ?? 0) + bytes;
    if (device.provider === 'cpu') largestHere = Math.max(largestHere, bytes);
  }
  const readsApart = Object.keys(manifest.tensors).some(isForReading);
  const stagesOnCpu = places?.stages.filter(({ device }) => device.provider === 'cpu');
  const stagesHere = stagesOnCpu?.length ?? 1;
  const layersHere =
    stagesOnCpu?.reduce((sum, { layers }) => sum + layers.end - layers.first, 0) ?? decoder.layerCount;
  const seesHere = question.hasPictures && (places?.vision ?? cpuDevice).provider === 'cpu';
  const tokenizer = manifest.files?.find(({ name }) => name === 'tokenizer.json')?.sizeBytes ?? 0;
  const need = {
    programBytes: programBytes + tokenizerFactor * tokenizer,
    weightsByDevice,
    kvBytes: kvBytes({ ...decoder, layerCount: layersHere }, tokens),
    visionBytes: seesHere ? visionBytes(vision, visionBuffers) : 0,
    promptBytes: stagesHere * promptBytes(decoder, tokens, { readsApart }), // each stage keeps buffers of its own
  };
  const answering = need.kvBytes + need.visionBytes + need.promptBytes;
  const held = need.programBytes + weightsByDevice.cpu!;
  return { ...need, peakBytes: held + Math.max(answering, largestHere) };
}

/** A published tokenizer in memory: 151,674 entries. */
const usualTokenizerBytes = 110 * mebibyte;

/** The same peak for a model that is not converted yet, from how many values its parts have. */
export function estimateUnconverted(
  parts: readonly { values: number; precision: Precision }[],
  { vision, decoder }: Pick<ModelConfig, 'vision' | 'decoder'>,
): number {
  const { tokens } = usualQuestion;
  const workBytes = kvBytes(decoder, tokens) + visionBytes(vision, 1) + promptBytes(decoder, tokens);
  const weightBytes = parts.reduce((sum, part) => sum + part.values * loadedBytesPerValue[part.precision], 0);
  return programBytes + usualTokenizerBytes + weightBytes + workBytes;
}

/** Names are `vision.…`, `projector.…`, `decoder.<layer>.…`, `reading.<layer>.…`, `decoder.norm…` and `decoder.lm_head…`. */
function placeOf(name: string, { vision, stages }: ModelPlaces): Device {
  if (!/^(decoder|reading)\./.test(name)) return vision;
  const layer = Number(/^(?:decoder|reading)\.(\d+)\./.exec(name)?.[1] ?? Number.POSITIVE_INFINITY);
  return (stages.find(({ layers }) => layer < layers.end) ?? stages.at(-1)!).device;
}

type Tensor = ModelManifest['tensors'][string];

function loadedBytes(name: string, { type, sizeBytes }: Tensor): number {
  if (type === 'float16' && name.endsWith('.weight_scale')) return 0; // in int4's factor
  return sizeBytes * loadedFactors[type];
}

/** An imported export's weights lie in its graphs and beside them. */
function importedBytes({ graphs, files = [] }: WeighedManifest): number {
  const names = new Set(
    graphs ? [graphs.vision, graphs.decoder].flatMap(({ file, data }) => [file, ...data]) : [],
  );
  return files.reduce((sum, { name, sizeBytes }) => sum + (names.has(name) ? sizeBytes : 0), 0);
}

/** Bytes of one token's keys and values in all layers, float32. */
export function kvBytesPerToken({ layerCount, kvHeadCount, headDim }: DecoderConfig): number {
  return 2 * layerCount * kvHeadCount * headDim * 4;
}

/**
 * Keys and values of this many tokens, while the last room moves into a larger one: the old is nearly as large. Rooms
 * before wait for the garbage collector; with them 2,048 and 8,192 tokens at 1B took 2.5 times one room, 32,768 1.8.
 */
export function kvBytes(config: DecoderConfig, tokens: number): number {
  return 2 * capacityOf(tokens) * kvBytesPerToken(config);
}

/** As kv-tail.ts makes room. */
function capacityOf(tokens: number): number {
  return Math.ceil(tokens / 256) * 256;
}

/** Scores of all patches with all, twice, and the widest states of one layer; 0.7 of it is what a run keeps. */
export function visionBytes(config: VisionConfig, buffers: number): number {
  const rows = (config.imageSize / config.patchSize) ** 2 + 1;
  const scores = config.headCount * rows ** 2;
  const states = rows * (2 * config.intermediateSize + 5 * config.hiddenSize);
  const peak = 4 * (scores + states);
  return buffers > 1 ? 0.7 * peak * buffers : peak;
}

/**
 * Of the largest chunk (prefill.ts): scores twice, and the widest states three times. What reads prompts apart holds
 * scores once (cached-attention.ts).
 */
export function promptBytes(
  { headCount, intermediateSize }: DecoderConfig,
  tokens: number,
  { readsApart = false } = {},
): number {
  const chunk = Math.min(tokens, 512, Math.max(1, Math.floor((4 * mebibyte) / tokens)));
  const scores = (readsApart ? 1 : 2) * headCount * (capacityOf(tokens) + chunk);
  return 4 * chunk * (scores + 3 * intermediateSize);
}
