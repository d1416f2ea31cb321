/** A converted model on disk: weights in data files, a tokenizer, and the manifest that says what lies where. */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../preload/contract/errors.ts';
import { findManifestFault } from './check-manifest.ts';
import { recipeVersion } from './recipe-version.ts';

/** File that makes a folder a model folder; written last. */
export const manifestFile = 'manifest.json';

const count = z.int().positive();
/** As config.json is read: the graph is written layer by layer. */
const layerCount = z.int().positive().max(512);
const fileName = z.string().regex(/^[A-Za-z0-9._-]{1,200}$/);

const visionConfig = z.strictObject({
  hiddenSize: count,
  intermediateSize: count,
  layerCount,
  headCount: count,
  imageSize: count,
  patchSize: count,
  layerNormEpsilon: z.number().positive(),
  qkvBias: z.boolean(),
});

const decoderConfig = z.strictObject({
  hiddenSize: count,
  intermediateSize: count,
  layerCount,
  headCount: count,
  kvHeadCount: count,
  headDim: count,
  rmsNormEpsilon: z.number().positive(),
  ropeTheta: z.number().positive(),
  vocabularySize: count,
  tiedEmbeddings: z.boolean(),
  contextLength: count,
});

const modelConfigSchema = z.strictObject({
  vision: visionConfig,
  decoder: decoderConfig,
  downsampleRatio: z.number().positive().max(1),
  minTiles: count,
  maxTiles: count,
  useThumbnail: z.boolean(),
});

const precision = z.enum(['fp32', 'fp16', 'int8', 'int4']);

/** One stored tensor, in the words of ONNX external data. */
const storedTensor = z.strictObject({
  file: fileName,
  byteOffset: z.int().nonnegative(),
  sizeBytes: z.int().nonnegative(),
  type: z.enum(['float32', 'float16', 'int8', 'uint8']),
  shape: z.array(z.int().nonnegative()),
});

const manifestSchema = z.strictObject({
  format: z.literal('internvl-model-folder'),
  recipeVersion: z.int(),
  name: z.string(),
  layout: z.enum(['original', 'hf']),
  precision: z.strictObject({ vision: precision, decoder: precision }),
  config: modelConfigSchema,
  /** The template's system text; null where the layout has none. */
  systemText: z.string().nullable(),
  files: z.array(
    z.strictObject({
      name: fileName,
      sizeBytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  tensors: z.record(z.string(), storedTensor),
  /** The token table, row by row as published. */
  tokenTable: z.strictObject({
    file: fileName,
    dtype: z.enum(['BF16', 'F16', 'F32']),
    rows: count,
    width: count,
  }),
  /** What a person should know: values kept wider than asked, precision chosen for lm_head and why. */
  notes: z.array(z.string()),
});

export type StoredTensor = z.infer<typeof storedTensor>;
export type ModelManifest = z.infer<typeof manifestSchema>;

/** A model folder whose manifest was read and whose files have the sizes it promises. */
export interface ModelFolder {
  path: string;
  manifest: ModelManifest;
}

/**
 * Opens a converted model.
 * @throws AppError `not_found` without a manifest, `model_folder_broken` for another recipe, a bad manifest or a file of the wrong size
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const text = await readFile(join(path, manifestFile), 'utf8').catch(() => {
    throw new AppError('not_found', 'This folder holds no converted model: its manifest.json is missing.');
  });
  const manifest = parseManifest(text);
  const promised = new Map(manifest.files.map((file) => [file.name, file.sizeBytes]));
  for (const [name, sizeBytes] of promised) {
    const found = await lstat(join(path, name)).catch(() => null);
    if (!found) throw brokenModelFolder(`its file ${name} is missing`);
    if (!found.isFile()) throw brokenModelFolder(`its file ${name} is no plain file`); // a link could lead anywhere
    if (found.size !== sizeBytes)
      throw brokenModelFolder(`its file ${name} has ${found.size} bytes instead of ${sizeBytes}`);
  }
  const fault = findManifestFault(manifest);
  if (fault) throw brokenModelFolder(fault);
  return { path, manifest };
}

function parseManifest(text: string): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw brokenModelFolder('its manifest.json is not JSON');
  }
  const version = (json as { recipeVersion?: unknown } | null)?.recipeVersion;
  if (typeof version === 'number' && version !== recipeVersion) {
    throw brokenModelFolder(`it was made by recipe ${version}, this app reads recipe ${recipeVersion}`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw brokenModelFolder(
      `its manifest is not valid at ${parsed.error.issues[0]?.path.join('.') ?? 'the top'}`,
    );
  return parsed.data;
}

/** A converted model that can't be used; converting again mends it. */
export function brokenModelFolder(what: string, cause?: unknown): AppError {
  return new AppError(
    'model_folder_broken',
    `The converted model can't be used: ${what}. Convert the checkpoint again.`,
    { cause },
  );
}
