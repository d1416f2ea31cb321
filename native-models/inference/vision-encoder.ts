/** Pixel values → visual tokens, in runs short enough to be cancelled between. */
import type { InferenceSession } from 'onnxruntime-node';
import type { GpuTarget } from '../architectures/gpu-layers.ts';
import { embedPatches, encodePatches } from '../architectures/intern-vit.ts';
import type { StoredTensors } from '../architectures/layers.ts';
import { type ModelConfig, type VisionConfig, visualTokensPerTile } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import { projectPatches } from '../architectures/projector.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { createGraph } from '../onnx/graph.ts';
import { openExportedVision } from './exported-vision.ts';
import { gpuTargetOf } from './gpu-target.ts';
import type { InTurn } from './run-turns.ts';
import { floatTensor, openSession, runSession, type SessionOptions } from './session.ts';

export interface VisionEncoder {
  /** Side of a tile in pixels. */
  readonly tileSize: number;
  /** Tiles worth sending at once; more only delay the next cancel point. */
  readonly tileBatch: number;
  /**
   * pixel values [tiles, 3, image, image] → visual tokens [tiles, tokens, hidden].
   * Each of its short runs waits for its turn.
   */
  encode(pixelValues: Float32Array, tileCount: number, inTurn: InTurn): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Most work of one run, in 10⁹ multiply-adds ×2. At the full-size shape four layers in int8, 270 ms on two quiet cores,
 * and one in fp32, 250 ms: an abort is noticed in time. Runs of one layer took a seventh longer in int8 (2.2 against
 * 1.9 s a tile), since each run's buffers are its own, and the first tile 5 s instead of 2.7. GPUs do 1,000 and more a
 * second: fewer runs, since between two the states cross the bus twice.
 */
const runBudgetGflop = { int8: 130, float: 45, gpu: 150 };

/** What computes, as far as a run's length depends on it. */
export type VisionPace = keyof typeof runBudgetGflop;

/** On the CPU; int4 matrices run as long as float ones. */
export function visionPaceOf({ precision }: Pick<ModelFolder['manifest'], 'precision'>): VisionPace {
  return precision.vision === 'int8' ? 'int8' : 'float';
}

/** Builds the encoder's graphs for a model folder and opens their sessions. */
export async function openVisionEncoder(
  folder: ModelFolder,
  options: Omit<SessionOptions, 'folder'>,
): Promise<VisionEncoder> {
  const { config, graphs } = folder.manifest;
  if (graphs) return openExportedVision(folder, graphs.vision, options);
  const tensors: StoredTensors = new Map(Object.entries(folder.manifest.tensors));
  const gpu = await gpuTargetOf(options.device);
  const plan = planRuns(config.vision, gpu ? 'gpu' : visionPaceOf(folder.manifest));
  const sessions: InferenceSession[] = [];
  const close = async () => {
    for (const session of sessions) await session.release();
  };
  try {
    for (const layers of plan.groups) {
      const graph = writeVisionGraph(config, { tensors, gpu }, layers);
      sessions.push(await openSession(graph, { ...options, folder: folder.path }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    tileSize: config.vision.imageSize,
    tileBatch: plan.tileBatch,
    async encode(pixelValues, tileCount, inTurn) {
      const side = config.vision.imageSize;
      let states = floatTensor(pixelValues, [tileCount, 3, side, side]);
      for (const session of sessions) {
        const outputs = await inTurn(() => runSession(session, { [session.inputNames[0]!]: states }));
        states = outputs[session.outputNames[0]!]! as typeof states;
      }
      return states.data as Float32Array;
    },
    close,
  };
}

/** Layers into groups of one run each; where one run takes all layers, several tiles into one run. */
export function planRuns(
  config: VisionConfig,
  pace: VisionPace,
): { groups: LayerRange[]; tileBatch: number } {
  const rows = (config.imageSize / config.patchSize) ** 2 + 1;
  const { hiddenSize: hidden, intermediateSize: intermediate } = config;
  const layerGflop =
    (2 * rows * (4 * hidden ** 2 + 2 * hidden * intermediate) + 4 * rows ** 2 * hidden) / 1e9;
  const layersPerRun = Math.max(
    1,
    Math.min(config.layerCount, Math.floor(runBudgetGflop[pace] / layerGflop)),
  );
  const groups: LayerRange[] = [];
  for (let first = 0; first < config.layerCount; first += layersPerRun) {
    groups.push({ first, end: Math.min(config.layerCount, first + layersPerRun) });
  }
  const tilesPerRun = Math.floor(runBudgetGflop[pace] / (layerGflop * config.layerCount));
  return { groups, tileBatch: Math.max(1, Math.min(16, tilesPerRun)) };
}

/** One group of layers: the first starts at pixel values, the last ends at visual tokens. */
function writeVisionGraph(
  config: ModelConfig,
  { tensors, gpu }: { tensors: StoredTensors; gpu: GpuTarget | null },
  layers: LayerRange,
): Uint8Array {
  const { vision } = config;
  const graph = createGraph(`vision layers ${layers.first} to ${layers.end - 1}`);
  const builder = { graph, tensors, ...(gpu && { gpu }) };
  const stateDims = ['tiles', (vision.imageSize / vision.patchSize) ** 2 + 1, vision.hiddenSize];
  const states =
    layers.first === 0
      ? embedPatches(
          builder,
          graph.input('pixel_values', 'float32', ['tiles', 3, vision.imageSize, vision.imageSize]),
          vision,
        )
      : graph.input('states', 'float32', stateDims);
  const encoded = encodePatches(builder, states, { config: vision, layers });
  if (layers.end < vision.layerCount) graph.output('next_states', encoded, 'float32', stateDims);
  else {
    const dims = ['tiles', visualTokensPerTile(config), config.decoder.hiddenSize];
    graph.output('visual_tokens', projectPatches(builder, encoded, config), 'float32', dims);
  }
  return graph.encode();
}
