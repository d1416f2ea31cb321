/** Opens a model folder as a model that answers about pictures. */
import { visualTokensPerTile } from '../architectures/model-config.ts';
import { brokenModelFolder, type ModelFolder, openModelFolder } from '../conversion/model-folder.ts';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { createFormatCompiler } from './answer-format.ts';
import { openDecoder } from './decoder.ts';
import { type GenerationParts, generate } from './generate.ts';
import type { Device, ModelDescription, VisionLanguageModel } from './generation-types.ts';
import { refuseFullMemory, sequenceTokenLimit } from './memory-need.ts';
import { createPrefillPace } from './prefill.ts';
import { createRunTurns } from './run-turns.ts';
import { createSequencePool } from './sequence-pool.ts';
import { openTokenEmbedder } from './token-embedder.ts';
import { openVisionEncoder } from './vision-encoder.ts';
import { createVisualTokenCache } from './visual-tokens.ts';

export interface OpenModelOptions {
  /** Default `auto`: the CPU, until a probe has measured others on this machine. */
  device?: Device;
  /** Threads of the engine; default 0 = one per physical core. */
  threads?: number;
  /** Most tokens of a prompt and its answer, where fewer than the context are wanted. */
  sessionLength?: number;
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
    close: () => closeAll([parts.embedder, parts.vision, parts.decoder]),
  };
}

/** The same, taken apart: for tests and measurements that look between the stages. What it opened is closed on failure. */
export async function openModelParts(
  path: string,
  options: OpenModelOptions = {},
): Promise<{ parts: GenerationParts; description: ModelDescription }> {
  const folder = await openModelFolder(path);
  refuseFullMemory(folder.manifest);
  const device = options.device === 'webgpu' ? 'webgpu' : 'cpu';
  const sessionOptions = { device, threads: options.threads ?? 0 } as const;
  const tokenizer = await openTokenizer(path);
  const opened: Closable[] = [];
  const keep = <Part extends Closable>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  try {
    const embedder = keep(openTokenEmbedder(folder));
    const vision = keep(await openVisionEncoder(folder, sessionOptions));
    const decoder = keep(await openDecoder(folder, sessionOptions));
    const parts: GenerationParts = {
      tokenizer,
      embedder,
      vision,
      decoder,
      visualTokensPerTile: visualTokensPerTile(folder.manifest.config),
      visualTokenCache: createVisualTokenCache(),
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
    return { parts, description: describe(folder, device) };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
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

function describe({ manifest }: ModelFolder, device: 'cpu' | 'webgpu'): ModelDescription {
  const { config } = manifest;
  const widened = device === 'cpu' && Object.values(manifest.precision).includes('fp16');
  return {
    name: manifest.name,
    precision: manifest.precision,
    device,
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
