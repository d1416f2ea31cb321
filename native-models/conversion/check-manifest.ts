/** Whether a manifest's sizes, tensors and files fit each other, so that no graph is built on a damaged or forged one. */
import { outputsOf, type Parameter } from '../architectures/parameters.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';
import { findContradiction } from './config-contradiction.ts';
import type { ModelManifest, StoredTensor } from './model-folder.ts';
import { modelParameters } from './model-parameters.ts';

const bytesPerValue = { float32: 4, float16: 2, int8: 1, uint8: 1 } as const;
const bytesPerTableValue = { BF16: 2, F16: 2, F32: 4 } as const;

/** Says what does not fit, or null. */
export function findManifestFault(manifest: ModelManifest): string | null {
  const contradiction = findContradiction(manifest.config);
  if (contradiction) return contradiction;
  const parameters = modelParameters(manifest.config, manifest.layout);
  const expected = new Map<string, number[]>();
  for (const parameter of [...parameters.vision, ...parameters.decoder, parameters.lmHead]) {
    for (const [name, shape] of storedShapes(parameter, manifest.tensors)) expected.set(name, shape);
  }
  const names = Object.keys(manifest.tensors);
  const surplus = names.find((name) => !expected.has(name));
  if (surplus !== undefined) return 'it lists a tensor that its config has no place for';
  for (const [name, shape] of expected) {
    const stored = manifest.tensors[name];
    if (!stored) return `its tensor ${name} is missing`;
    if (`${stored.shape}` !== `${shape}`) return `its tensor ${name} has shape [${stored.shape}]`;
    const sizeBytes = shape.reduce((product, size) => product * size, bytesPerValue[stored.type]);
    if (stored.sizeBytes !== sizeBytes) return `its tensor ${name} has ${stored.sizeBytes} bytes`;
  }
  return findPlaceFault(manifest) ?? findTableFault(manifest);
}

/** Names and shapes a parameter is stored under, in the precision its weight says. */
function storedShapes(
  parameter: Parameter,
  tensors: Readonly<Record<string, StoredTensor>>,
): [string, number[]][] {
  if (parameter.kind === 'tensor') return [[parameter.name, parameter.shape]];
  const { name, inputs, bias } = parameter;
  const outputs = outputsOf(parameter);
  const blocks = inputs / int4BlockSize;
  const type = tensors[`${name}.weight`]?.type ?? 'float32';
  const shapes: [string, number[]][] =
    type === 'int8'
      ? [
          [`${name}.weight`, [inputs, outputs]],
          [`${name}.weight_scale`, [outputs]],
        ]
      : type === 'uint8'
        ? [
            [`${name}.weight`, [outputs, blocks, int4BlockSize / 2]],
            [`${name}.weight_scale`, [outputs * blocks]],
          ]
        : [[`${name}.weight`, [outputs, inputs]]];
  return bias ? [...shapes, [`${name}.bias`, [outputs]]] : shapes;
}

/** Every tensor lies within a listed file. */
function findPlaceFault({ files, tensors }: ModelManifest): string | null {
  const sizes = new Map(files.map((file) => [file.name, file.sizeBytes]));
  for (const [name, { file, byteOffset, sizeBytes }] of Object.entries(tensors)) {
    if (byteOffset + sizeBytes > (sizes.get(file) ?? -1)) return `its tensor ${name} lies outside its file`;
  }
  return null;
}

/** The token table has a row for every id, and fills its file. */
function findTableFault({ config, files, tokenTable }: ModelManifest): string | null {
  const { file, dtype, rows, width } = tokenTable;
  const { vocabularySize, hiddenSize } = config.decoder;
  const sizeBytes = files.find(({ name }) => name === file)?.sizeBytes;
  const fits =
    rows === vocabularySize && width === hiddenSize && sizeBytes === rows * width * bytesPerTableValue[dtype];
  return fits ? null : 'its token table does not fit its config';
}
