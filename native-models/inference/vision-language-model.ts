/** Opens a model folder as a model that answers about pictures. */
import { visualTokensPerTile } from '../architectures/model-config.ts';
import { hashOf } from '../cache/cache-folder.ts';
import { type CachedModel, type DiskCacheOptions, openDiskCaches } from '../cache/disk-caches.ts';
import type { KeptType } from '../cache/kept-values.ts';
import { brokenModelFolder, type ModelFolder, openModelFolder } from '../conversion/model-folder.ts';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { createFormatCompiler } from './answer-format.ts';
import { cpuDevice, type Device, type Devices, deviceName } from './device.ts';
import { embed } from './embed.ts';
import { type GenerationParts, generate } from './generate.ts';
import type { ModelDescription, Precision, VisionLanguageModel } from './generation-types.ts';
import { judge } from './judge.ts';
import { describePlaces, type ModelPlaces, placeModel } from './layer-plan.ts';
import { createLookedAhead, lookAhead } from './look-ahead.ts';
import { refuseFullMemory, sequenceTokenLimit, visionBuffersFor } from './memory-limits.ts';
import { type QuestionSize, usualQuestion } from './memory-need.ts';
import { createPrefillPace } from './prefill.ts';
import { createRunTurns } from './run-turns.ts';
import { createSequencePool } from './sequence-pool.ts';
import { openSplitDecoder } from './split-decoder.ts';
import { openTokenEmbedder } from './token-embedder.ts';
import { openVisionEncoder, planRuns, visionPaceOf } from './vision-encoder.ts';
import { createVisualTokenCache } from './visual-tokens.ts';

export interface OpenModelOptions {
  /** Default `auto`: the CPU. Layers are split over several devices; the vision encoder is on the first. */
  devices?: Devices;
  /** Where pictures are encoded; default: on the first of the devices. */
  vision?: Device | undefined;
  /** Threads of the engine; default 0 = one per physical core. */
  threads?: number;
  /** What is asked first; memory for it is counted before loading. Default `usualQuestion`. */
  question?: QuestionSize | undefined;
  /** Most tokens of a prompt and its answer, where fewer than the context are wanted. */
  sessionLength?: number;
  /** Where visual tokens and snapshots outlive the process; default nowhere. */
  disk?: DiskCacheOptions | undefined;
}

/** Requests at work at once; their visual tokens and samplers take memory too. */
const mostRequests = 32;

/**
 * Opens a converted model and holds its sessions until `close`.
 * @throws AppError `not_found`, `model_folder_broken`, `device_unavailable`, `out_of_memory`
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<VisionLanguageModel> {
  const { parts, description } = await openModelParts(path, options);
  return {
    description,
    encodeText: parts.tokenizer.encodeText,
    generate: (request, signal) => generate(parts, request, signal),
    embed: (request, signal) => embed(parts, request, signal),
    judge: (request, signal) => judge(parts, request, signal),
    lookAhead: (request, signal) => lookAhead(parts, request, signal),
    async close() {
      await parts.disk?.flush();
      await closeAll([parts.embedder, parts.vision, parts.decoder]);
    },
  };
}

/** The same, taken apart: for tests and measurements that look between the stages. What it opened is closed on failure. */
export async function openModelParts(
  path: string,
  options: OpenModelOptions = {},
): Promise<{ parts: GenerationParts; description: ModelDescription }> {
  const folder = await openModelFolder(path);
  const { devices = 'auto', threads = 0 } = options;
  const planned = placeModel(folder.manifest.config, devices === 'auto' ? [cpuDevice] : devices);
  const places = { ...planned, vision: options.vision ?? planned.vision };
  const { config } = folder.manifest;
  const visionRuns = planRuns(config.vision, visionPaceOf(folder.manifest)).groups.length;
  const visionBuffers = visionBuffersFor(config, visionRuns);
  refuseFullMemory(folder.manifest, { question: options.question ?? usualQuestion, visionBuffers, places });
  const tokenizer = await openTokenizer(path);
  const forVision = { givesMemoryBack: visionBuffers < visionRuns };
  const opened: Closable[] = [];
  const keep = <Part extends Closable>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  try {
    const embedder = keep(openTokenEmbedder(folder));
    const vision = keep(await openVisionEncoder(folder, { ...forVision, device: places.vision, threads }));
    const decoder = keep(await openSplitDecoder(folder, places.stages, { threads }));
    const lookedAhead = createLookedAhead(createVisualTokenCache());
    const parts: GenerationParts = {
      tokenizer,
      embedder,
      vision,
      decoder,
      visualTokensPerTile: visualTokensPerTile(folder.manifest.config),
      visualTokenCache: lookedAhead.cache,
      lookedAhead,
      visualTokenType: keptType(folder.manifest.precision.vision),
      disk: options.disk ? openDiskCaches(options.disk, cachedModel(folder, places)) : null,
      suppressed: suppressedIds(tokenizer, decoder.config.vocabularySize),
      formats: once(() => createFormatCompiler(tokenizer)),
      pace: createPrefillPace(),
      sequences: createSequencePool(decoder, {
        tokens: sequenceTokenLimit(decoder.config),
        requests: mostRequests,
        reportEveryMs: 5000, // half of the shortest silence that a supervisor takes for a hang
      }),
      turns: createRunTurns(),
      sessionLength: options.sessionLength ?? Number.POSITIVE_INFINITY,
    };
    return { parts, description: describe(folder, places) };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Raised when the graphs' numbers change while weights and recipe stay: what was kept before is then not found. */
const numbersVersion = 2;

/** What the disk's caches know a model by: the manifest holds recipe, precision and the hash of every file. */
function cachedModel({ manifest }: ModelFolder, places: ModelPlaces): CachedModel {
  const { config } = manifest;
  const numbers = hashOf([numbersVersion, manifest]);
  return {
    vision: hashOf([numbers, deviceName(places.vision)]),
    decoder: hashOf([numbers, describePlaces(places)]),
    tileLength: visualTokensPerTile(config) * config.decoder.hiddenSize,
    shape: config.decoder,
    visionType: keptType(manifest.precision.vision),
  };
}

/** A part converted at fp32 is there to be compared with: nothing of it is rounded. */
function keptType(precision: Precision): KeptType {
  return precision === 'fp32' ? 'F32' : 'F16';
}

/** Begins the work at the first call, for all of them. */
function once<T>(begin: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null;
  return () => {
    begun ??= begin();
    return begun;
  };
}

interface Closable {
  close(): void | Promise<void>;
}

async function closeAll(parts: Closable[]): Promise<void> {
  for (const part of parts) await part.close();
}

/** A checkpoint's tokenizer that breaks after conversion is a broken model folder, which converting again mends. */
async function openTokenizer(path: string): Promise<Tokenizer> {
  return loadTokenizer(path).catch((cause: unknown) => {
    throw brokenModelFolder('its tokenizer.json is damaged', cause);
  });
}

/** Ids the model must never say: rows without a tokenizer entry, and control tokens that don't end an answer. */
function suppressedIds(tokenizer: Tokenizer, vocabularySize: number): number[] {
  const ids = Array.from({ length: vocabularySize }, (_, id) => id);
  return ids.filter(
    (id) => !tokenizer.hasEntry(id) || (tokenizer.isControl(id) && !tokenizer.stopIds.includes(id)),
  );
}

function describe({ manifest }: ModelFolder, places: ModelPlaces): ModelDescription {
  const { config } = manifest;
  const onCpu = [places.vision, ...places.stages.map(({ device }) => device)].some(
    ({ provider }) => provider === 'cpu',
  );
  const widened = onCpu && Object.values(manifest.precision).includes('fp16');
  return {
    name: manifest.name,
    precision: manifest.precision,
    device: describePlaces(places),
    stages: places.stages.map(({ device, layers }) => ({ device: deviceName(device), ...layers })),
    tileSize: config.vision.imageSize,
    visualTokensPerTile: visualTokensPerTile(config),
    minTiles: config.minTiles,
    maxTiles: config.maxTiles,
    useThumbnail: config.useThumbnail,
    contextLength: config.decoder.contextLength,
    systemText: manifest.systemText,
    notes: widened
      ? [...manifest.notes, 'fp16 weights are widened to fp32 when loaded: this CPU path computes in fp32.']
      : manifest.notes,
  };
}
