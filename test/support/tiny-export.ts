/** A ready-made export in transformers.js layout of a committed tiny checkpoint: our own graphs under that layout's names. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { writeDecoder } from '../../native-models/architectures/decoder.ts';
import { embedPatches, encodePatches } from '../../native-models/architectures/intern-vit.ts';
import type { DecoderConfig } from '../../native-models/architectures/model-config.ts';
import { projectPatches } from '../../native-models/architectures/projector.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type ModelFolder, openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { openTokenEmbedder } from '../../native-models/inference/token-embedder.ts';
import { createGraph, type ExternalTensor } from '../../native-models/onnx/graph.ts';
import { encodeModelProto, modelProto } from '../../native-models/onnx/schema.ts';
import { goldenFolder } from './golden-cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** An `-hf` checkpoint: exports are made from those. */
export const exportedCheckpoint = join(goldenFolder, 'checkpoints', 'g1-d32-t56-bf16-hf');

export interface TinyExport {
  /** The export, to be imported. */
  source: string;
  /** The same weights as a converted model folder. */
  converted: string;
}

/** The same of a committed export that torch.onnx made (native-models/reference/torch_export.py). */
export async function makeTorchExport(t: TestContext): Promise<TinyExport> {
  const made = await makeFolders(t);
  cpSync(join(goldenFolder, 'exports', basename(exportedCheckpoint), 'onnx'), join(made.source, 'onnx'), {
    recursive: true,
  });
  return made;
}

/** A converted folder, and an export without graphs yet. */
async function makeFolders(t: TestContext): Promise<TinyExport> {
  const root = await temporaryFolder(t);
  const converted = join(root, 'converted');
  await convertCheckpoint({ checkpoint: exportedCheckpoint, out: converted, precision: 'fp32' });
  const source = join(root, 'export');
  mkdirSync(join(source, 'onnx'), { recursive: true });
  for (const file of ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    cpSync(join(exportedCheckpoint, file), join(source, file));
  }
  return { source, converted };
}

/** @param half keys, values, pixels and embeddings are of 16 bits at the border, and files are named `_fp16` */
export async function makeTinyExport(t: TestContext, { half = false } = {}): Promise<TinyExport> {
  const { source, converted } = await makeFolders(t);
  const folder = await openModelFolder(converted);
  const write = (part: string, graph: Uint8Array) =>
    writeFileSync(join(source, 'onnx', `${part}${half ? '_fp16' : ''}.onnx`), graph);
  write('vision_encoder', visionGraph(folder, source, half));
  write('embed_tokens', tokensGraph(folder, source));
  write('decoder_model_merged', decoderGraph(folder, source, half));
  return { source, converted };
}

/** The folder's tensors, moved into one data file beside the graph. */
function tensorsBeside(folder: ModelFolder, { source, part }: { source: string; part: string }) {
  const prefix = part === 'vision_encoder' ? /^(vision|projector)\./ : /^decoder\./;
  const tensors = new Map<string, ExternalTensor>();
  const chunks: Uint8Array[] = [];
  let byteOffset = 0;
  for (const [name, tensor] of Object.entries(folder.manifest.tensors)) {
    if (!prefix.test(name)) continue;
    const bytes = readFileSync(join(folder.path, tensor.file)).subarray(
      tensor.byteOffset,
      tensor.byteOffset + tensor.sizeBytes,
    );
    tensors.set(name, { ...tensor, file: `${part}.onnx_data`, byteOffset });
    chunks.push(bytes);
    byteOffset += bytes.length;
  }
  writeFileSync(join(source, 'onnx', `${part}.onnx_data`), Buffer.concat(chunks));
  return tensors;
}

function visionGraph(folder: ModelFolder, source: string, half: boolean): Uint8Array {
  const { config } = folder.manifest;
  const { vision } = config;
  const graph = createGraph('vision_encoder');
  const builder = { graph, tensors: tensorsBeside(folder, { source, part: 'vision_encoder' }) };
  const side = vision.imageSize;
  const given = graph.input('pixel_values', half ? 'float16' : 'float32', ['tiles', 3, side, side]);
  const pixels = half ? graph.op('Cast', [given], { to: 1 }) : given;
  const states = embedPatches(builder, pixels, vision);
  const encoded = encodePatches(builder, states, {
    config: vision,
    layers: { first: 0, end: vision.layerCount },
  });
  const features = projectPatches(builder, encoded, config);
  graph.output('image_features', features, 'float32', ['tiles', 'tokens', config.decoder.hiddenSize]);
  return graph.encode();
}

function tokensGraph(folder: ModelFolder, source: string): Uint8Array {
  const { vocabularySize: rows, hiddenSize: width } = folder.manifest.config.decoder;
  const embedder = openTokenEmbedder(folder);
  const table = new Float32Array(rows * width);
  for (let id = 0; id < rows; id++) embedder.embed(id, table, id * width);
  embedder.close();
  writeFileSync(join(source, 'onnx', 'embed_tokens.onnx_data'), new Uint8Array(table.buffer));
  const graph = createGraph('embed_tokens');
  const ids = graph.input('input_ids', 'int64', ['batch', 'new']);
  const stored: ExternalTensor = {
    file: 'embed_tokens.onnx_data',
    byteOffset: 0,
    sizeBytes: table.byteLength,
    type: 'float32',
    shape: [rows, width],
  };
  const rowsOfIds = graph.op('Gather', [graph.initializer('table', stored), ids], { axis: 0 });
  graph.output('inputs_embeds', rowsOfIds, 'float32', ['batch', 'new', width]);
  return graph.encode();
}

/** A model file as plain objects, with the field names of `schema.ts`. */
export type PlainModel = {
  graph: {
    node: { opType: string; domain?: string; input?: string[]; output?: string[]; attribute?: object[] }[];
    input: { name: string; type?: object }[];
    output: { name: string; type?: object }[];
    initializer: Record<string, unknown>[];
    sparseInitializer?: Uint8Array[];
  };
  functions?: Uint8Array[];
};

export function readPlainModel(bytes: Uint8Array): PlainModel {
  return modelProto.toObject(modelProto.decode(bytes), { longs: String }) as PlainModel;
}

export { encodeModelProto as writePlainModel };

/** Our decoder with the past as one growing tensor a layer: its prefix is their past, its tail is empty. */
function decoderGraph(folder: ModelFolder, source: string, half: boolean): Uint8Array {
  const config = folder.manifest.config.decoder;
  const graph = createGraph('decoder_model_merged');
  const tensors = tensorsBeside(folder, { source, part: 'decoder_model_merged' });
  writeDecoder({ graph, tensors }, config, { first: 0, end: config.layerCount });
  const model = readPlainModel(graph.encode());
  const { node, initializer } = model.graph;
  const port = (name: string, elemType: number, dims: (number | string)[]) => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
      },
    },
  });
  const cast = (from: string, into: string, to: number) => ({
    opType: 'Cast',
    input: [from],
    output: [into],
    attribute: [{ name: 'to', type: 2, i: to }],
  });
  const whole = (name: string, values: number[], dims: number[]) => ({
    name,
    dims,
    dataType: 7,
    rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
  const halfType = half ? 10 : 1;
  const first: PlainModel['graph']['node'] = [
    cast('inputs_embeds', 'hidden', 1),
    cast('position_ids', 'positions', 1),
    { opType: 'Size', input: ['position_ids'], output: ['row_count'] },
    { opType: 'Range', input: ['zero', 'row_count', 'one'], output: ['logit_rows'] },
  ];
  const last: PlainModel['graph']['node'] = [];
  initializer.push(whole('tail_lengths', [0], [1]), whole('zero', [0], []), whole('one', [1], []));
  model.graph.input = [
    port('inputs_embeds', 1, [1, 'new', config.hiddenSize]),
    port('attention_mask', 7, [1, 'total']),
    port('position_ids', 7, [1, 'new']),
  ];
  model.graph.output = [port('logits', 1, [1, 'new', config.vocabularySize])];
  for (const [kind, layer] of pastsOf(config)) {
    const dims = (rows: string) => [1, config.kvHeadCount, rows, config.headDim];
    const past = `past_key_values.${layer}.${kind}`;
    const present = `present.${layer}.${kind}`;
    first.push(cast(past, `prefix_${kind}.${layer}`, 1));
    initializer.push({
      name: `tail_${kind}.${layer}`,
      dims: [1, config.kvHeadCount, 0, config.headDim],
      dataType: 1,
    });
    model.graph.input.push(port(past, halfType, dims('past')));
    const joined = `joined_${kind}.${layer}`;
    const axis = [{ name: 'axis', type: 2, i: 2 }];
    last.push(
      {
        opType: 'Concat',
        input: [`prefix_${kind}.${layer}`, `new_${kind}.${layer}`],
        output: [joined],
        attribute: axis,
      },
      cast(joined, present, halfType),
    );
    model.graph.output.push(port(present, halfType, dims('total')));
  }
  for (const each of node)
    each.output = each.output?.map((name) => (name === 'logits' ? 'flat_logits' : name)) ?? [];
  initializer.push(whole('front', [0], [1]));
  last.push({ opType: 'Unsqueeze', input: ['flat_logits', 'front'], output: ['logits'] });
  model.graph.node = [...first, ...node, ...last];
  return encodeModelProto(model);
}

function pastsOf({ layerCount }: DecoderConfig): ['key' | 'value', number][] {
  return Array.from({ length: layerCount }, (_, layer) => layer).flatMap(
    (layer): ['key' | 'value', number][] => [
      ['key', layer],
      ['value', layer],
    ],
  );
}
