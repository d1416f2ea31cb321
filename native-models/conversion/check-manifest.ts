/** Whether a manifest's sizes, tensors and files fit each other, so that no graph is built on a damaged or forged one. */
import { type LinearParameter, outputsOf, type Parameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { findContradiction } from './config-contradiction.ts';
import { alignedOffset } from './data-file.ts';
import { type ModelManifest, type StoredTensor, tokenizerFile } from './model-manifest.ts';
import { modelParameters } from './model-parameters.ts';

type WeightType = StoredTensor['type'];

const bytesPerValue = { float32: 4, float16: 2, int8: 1, uint8: 1 } as const;
const bytesPerTableValue = { BF16: 2, F16: 2, F32: 4 } as const;

/** How a linear weight may be stored: as asked, or wider where a value or a width did not fit. */
const weightTypes: Record<Precision, readonly WeightType[]> = {
  fp32: ['float32'],
  fp16: ['float16', 'float32'],
  int8: ['int8'],
  int4: ['uint8', 'int8'],
};

/** What a tensor must be: its shape, and the types it may have. */
export interface Expected {
  shape: number[];
  types: readonly WeightType[];
}

/** Says what does not fit, or null. */
export function findManifestFault(manifest: ModelManifest): string | null {
  const contradiction = findContradiction(manifest.config);
  if (contradiction) return contradiction;
  const expected = manifest.graphs ? new Map<string, Expected>() : expectedTensors(manifest);
  const surplus = Object.keys(manifest.tensors).find((name) => !expected.has(name));
  if (surplus !== undefined) return 'it lists a tensor that its config has no place for';
  for (const [name, { shape, types }] of expected) {
    const stored = manifest.tensors[name];
    if (!stored) return `its tensor ${name} is missing`;
    if (!types.includes(stored.type)) return `its tensor ${name} has type ${stored.type}`;
    if (`${stored.shape}` !== `${shape}`) return `its tensor ${name} has shape [${stored.shape}]`;
    const sizeBytes = shape.reduce((product, size) => product * size, bytesPerValue[stored.type]);
    if (stored.sizeBytes !== sizeBytes) return `its tensor ${name} has ${stored.sizeBytes} bytes`;
  }
  return findTableFault(manifest) ?? findPlaceFault(manifest);
}

/** Beside int4 matrices there may be int8 ones: lm_head by rows, and those for reading, all of them or none. */
function isStored({ precision, tensors }: ModelManifest, { name }: LinearParameter): boolean {
  return precision.decoder === 'int4' && `${name}.weight` in tensors;
}

function expectedTensors(manifest: ModelManifest): Map<string, Expected> {
  const { vision, decoder, lmHead, lmHeadRows, reading } = modelParameters(manifest.config, manifest.layout);
  const expected = new Map<string, Expected>();
  const kept = new Map(manifest.fidelity?.kept.map(({ name, precision }) => [name, precision]));
  const expect = (parameter: Parameter, asked: Precision) => {
    const weight = manifest.tensors[`${parameter.name}.weight`];
    const precision = kept.get(parameter.name) ?? asked;
    for (const [name, tensor] of storedForms(parameter, precision, weight?.type)) expected.set(name, tensor);
  };
  for (const parameter of vision) expect(parameter, manifest.precision.vision);
  for (const parameter of [...decoder, lmHead]) expect(parameter, manifest.precision.decoder);
  if (isStored(manifest, lmHeadRows)) expect(lmHeadRows, 'int8');
  if (isStored(manifest, reading[0]!)) for (const parameter of reading) expect(parameter, 'int8');
  return expected;
}

/** Names and forms a parameter is stored under, where its weight has this type. */
export function storedForms(
  parameter: Parameter,
  precision: Precision,
  weightType: WeightType = 'float32',
): [string, Expected][] {
  const float = (shape: number[]): Expected => ({ shape, types: ['float32'] });
  if (parameter.kind === 'tensor') return [[parameter.name, float(parameter.shape)]];
  const { name, inputs } = parameter;
  const outputs = outputsOf(parameter);
  const blocks = inputs / int4BlockSize;
  const shapes: Record<WeightType, number[]> = {
    float32: [outputs, inputs],
    float16: [outputs, inputs],
    int8: parameter.isByRows ? [outputs, inputs] : [inputs, outputs],
    uint8: [outputs, blocks, int4BlockSize / 2],
  };
  const scales: Partial<Record<WeightType, number>> = { int8: outputs, uint8: outputs * blocks };
  const scaleCount = scales[weightType];
  const scaleType: WeightType = weightType === 'uint8' ? 'float16' : 'float32';
  return [
    [`${name}.weight`, { shape: shapes[weightType], types: weightTypes[precision] }],
    ...(scaleCount === undefined
      ? []
      : [[`${name}.weight_scale`, { shape: [scaleCount], types: [scaleType] }] as [string, Expected]]),
    ...(parameter.bias ? [[`${name}.bias`, float([outputs])] as [string, Expected]] : []),
  ];
}

/** The token table has a row for every id, and fills a file of its own. */
function findTableFault({ config, files, tensors, tokenTable }: ModelManifest): string | null {
  const { file, dtype, rows, width } = tokenTable;
  const { vocabularySize, hiddenSize } = config.decoder;
  const sizeBytes = files.find(({ name }) => name === file)?.sizeBytes;
  const fits =
    rows === vocabularySize &&
    width === hiddenSize &&
    sizeBytes === rows * width * bytesPerTableValue[dtype] &&
    Object.values(tensors).every((tensor) => tensor.file !== file);
  return fits ? null : 'its token table does not fit its config';
}

/** Each file is listed once; those with tensors are filled by them, one behind the other as they were written. */
function findPlaceFault({ files, tensors, tokenTable, graphs }: ModelManifest): string | null {
  const byFile = Map.groupBy(Object.entries(tensors), ([, { file }]) => file);
  const unread = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  if (unread.size !== files.length) return 'it lists a file twice';
  for (const [file, entries] of byFile) {
    let end = 0;
    for (const [name, tensor] of entries.sort(([, a], [, b]) => a.byteOffset - b.byteOffset)) {
      if (tensor.byteOffset !== alignedOffset(end)) return `its tensor ${name} lies in a wrong place`;
      end = tensor.byteOffset + tensor.sizeBytes;
    }
    if (unread.get(file) !== end) return `its file ${file} is not filled by its tensors`;
    unread.delete(file);
  }
  const imported = graphs ? [graphs.vision, graphs.decoder].flatMap(({ file, data }) => [file, ...data]) : [];
  for (const name of [tokenTable.file, tokenizerFile, ...imported]) {
    if (!unread.delete(name)) return `its file ${name} is not listed`;
  }
  return unread.size > 0 ? 'it lists a file that it has no use for' : null;
}
