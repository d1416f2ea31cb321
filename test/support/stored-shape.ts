/** What a model of a given shape stores, tensor by tensor, and data files of such tensors that mean nothing. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Parameter } from '../../native-models/architectures/parameters.ts';
import { storedForms } from '../../native-models/conversion/check-manifest.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import type { ExternalTensor } from '../../native-models/onnx/graph.ts';
import { floatsToHalf } from '../../native-models/weights/dtypes.ts';

export type StoredPrecision = 'int8' | 'int4';

const bytesPerValue = { float32: 4, float16: 2, int8: 1, uint8: 1 } as const;

/** The tensors of these parameters, one behind the other in one file. */
export function storedTensors(
  parameters: readonly Parameter[],
  { precision, file }: { precision: StoredPrecision; file: string },
): Map<string, ExternalTensor> {
  const tensors = new Map<string, ExternalTensor>();
  let byteOffset = 0;
  for (const parameter of parameters) {
    for (const [name, { shape, types }] of storedForms(
      parameter,
      precision,
      precision === 'int4' ? 'uint8' : 'int8',
    )) {
      const type = types[0]!;
      const sizeBytes = shape.reduce((product, size) => product * size, bytesPerValue[type]);
      tensors.set(name, { file, byteOffset, sizeBytes, type, shape });
      byteOffset += sizeBytes;
    }
  }
  return tensors;
}

export function bytesOf(tensors: ReadonlyMap<string, ExternalTensor>): number {
  return [...tensors.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Values drawn once and repeated: drawing each of a billion would take minutes. */
const drawnValues = 1 << 18;

/** Writes the tensors' file: weights of any value, scales and norms that keep activations near 1. */
export async function writeTensors(
  folder: string,
  tensors: ReadonlyMap<string, ExternalTensor>,
  seed: number,
): Promise<void> {
  const random = createRandom(seed);
  const bytes = Uint8Array.from({ length: drawnValues * 4 }, () => random() * 256);
  const [first] = tensors.values();
  const file = await open(join(folder, first!.file), 'w');
  try {
    for (const [name, { type, sizeBytes, byteOffset }] of tensors) {
      const drawn = type === 'float32' || type === 'float16' ? floatsFor(name, tensors, random) : bytes;
      for (let at = 0; at < sizeBytes; at += drawn.length) {
        await file.write(drawn, 0, Math.min(drawn.length, sizeBytes - at), byteOffset + at);
      }
    }
  } finally {
    await file.close();
  }
}

function floatsFor(
  name: string,
  tensors: ReadonlyMap<string, ExternalTensor>,
  random: () => number,
): Uint8Array {
  const isScale = name.endsWith('.weight_scale');
  const weight = tensors.get(name.replace(/_scale$/, ''));
  // int4 [outputs, blocks, 16] around 8, int8 [inputs, outputs] around 0
  const inputs = weight?.type === 'uint8' ? weight.shape[1]! * 32 : (weight?.shape[0] ?? 1);
  const spread = weight?.type === 'uint8' ? 4.6 : 74;
  const draw = isScale
    ? () => (1 + 0.2 * random()) / Math.sqrt(inputs) / spread
    : /norm.*weight$/.test(name)
      ? () => 0.9 + 0.2 * random()
      : () => 0.1 * (random() - 0.5);
  const values = Float32Array.from({ length: drawnValues }, draw);
  const isHalf = tensors.get(name)?.type === 'float16';
  return new Uint8Array((isHalf ? floatsToHalf(values) : values).buffer);
}
