/** The form of a model folder's manifest: which file holds what, and all that the graphs are built from. */
import { z } from 'zod';
import { fidelityReportSchema } from '../fidelity/fidelity-report.ts';

/** File of the tokenizer in every model folder. */
export const tokenizerFile = 'tokenizer.json';

/** What a manifest says of itself reaches people and other processes, there in one frame of 64 KiB with a hundred notes. */
export const maxNameLength = 100;
export const maxSystemTextLength = 4000;
const maxNoteLength = 200;

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
  norm: z.enum(['layer', 'rms']),
  layerNormEpsilon: z.number().positive(),
  queryKeyNorm: z.boolean(),
  qkvBias: z.boolean(),
});

const decoderConfig = z.strictObject({
  architecture: z.enum(['qwen2', 'internlm2']),
  hiddenSize: count,
  intermediateSize: count,
  layerCount,
  headCount: count,
  kvHeadCount: count,
  headDim: count,
  rmsNormEpsilon: z.number().positive(),
  ropeTheta: z.number().positive(),
  ropeFactor: z.number().positive(),
  attentionBias: z.boolean(),
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

/** A graph file that was imported, and the data files it reads. */
const importedGraph = z.strictObject({ file: fileName, data: z.array(fileName).max(1000) });

export const manifestSchema = z.strictObject({
  format: z.literal('internvl-model-folder'),
  recipeVersion: z.int(),
  name: z.string().max(maxNameLength),
  layout: z.enum(['original', 'hf']),
  precision: z.strictObject({ vision: precision, decoder: precision }),
  config: modelConfigSchema,
  /** It judges the answers of others, and gives none itself. */
  isCritic: z.exactOptional(z.literal(true)),
  /** The template's system text; null where the layout has none. */
  systemText: z.string().max(maxSystemTextLength).nullable(),
  files: z.array(
    z.strictObject({
      name: fileName,
      sizeBytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  tensors: z.record(z.string(), storedTensor),
  /** Graphs of a ready-made export, run as they are; such a folder lists no tensors. */
  graphs: z.exactOptional(z.strictObject({ vision: importedGraph, decoder: importedGraph })),
  /** The token table, row by row as published. */
  tokenTable: z.strictObject({
    file: fileName,
    dtype: z.enum(['BF16', 'F16', 'F32']),
    rows: count,
    width: count,
  }),
  /** What a person should know: values kept wider than asked, precision chosen for lm_head and why. */
  notes: z.array(z.string().max(maxNoteLength)),
  /** What a check found out about this folder; absent before the first. */
  fidelity: z.exactOptional(fidelityReportSchema),
});

export type ImportedGraph = z.infer<typeof importedGraph>;
export type StoredTensor = z.infer<typeof storedTensor>;
export type ModelManifest = z.infer<typeof manifestSchema>;
