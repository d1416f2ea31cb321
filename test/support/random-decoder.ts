/** A decoder of any shape with random weights, for speed and memory: what it says means nothing. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decoderParameters, lmHeadParameter } from '../../native-models/architectures/decoder.ts';
import type { DecoderConfig } from '../../native-models/architectures/model-config.ts';
import { outputsOf, type Parameter } from '../../native-models/architectures/parameters.ts';
import type { ModelFolder } from '../../native-models/conversion/model-folder.ts';
import { type Decoder, openDecoder } from '../../native-models/inference/decoder.ts';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import type { ExternalTensor, WeightType } from '../../native-models/onnx/graph.ts';

/** Layers int4 in blocks of 32, lm_head int8, as a checkpoint of this size is converted. Removed again by `close`. */
export async function openRandomDecoder(config: DecoderConfig): Promise<Decoder> {
  const path = await mkdtemp(join(tmpdir(), 'internvl-random-'));
  const parts: Uint8Array[] = [];
  const tensors: Record<string, ExternalTensor> = {};
  let byteOffset = 0;
  const random = createRandom(1);
  const store = (name: string, type: WeightType, shape: number[], bytes: Uint8Array) => {
    tensors[name] = { file: 'decoder.bin', byteOffset, sizeBytes: bytes.length, type, shape };
    parts.push(bytes);
    byteOffset += bytes.length;
  };
  const floats = (count: number, value: number) => new Uint8Array(new Float32Array(count).fill(value).buffer);
  /** Bytes drawn once and repeated: drawing each of 360 million would take longer than the benchmark. */
  const drawn = Uint8Array.from({ length: 1 << 20 }, () => random() * 256);
  const bytes = (count: number) => Uint8Array.from({ length: count }, (_, at) => drawn[at % drawn.length]!);

  const storeParameter = (parameter: Parameter, isInt8: boolean) => {
    if (parameter.kind === 'tensor') {
      const count = parameter.shape.reduce((product, size) => product * size, 1);
      return store(parameter.name, 'float32', parameter.shape, floats(count, 1));
    }
    const { name, inputs } = parameter;
    const outputs = outputsOf(parameter);
    const scale = 0.5 / Math.sqrt(inputs);
    if (isInt8) {
      store(`${name}.weight`, 'int8', [inputs, outputs], bytes(inputs * outputs));
      store(`${name}.weight_scale`, 'float32', [outputs], floats(outputs, scale / 64));
    } else {
      const blocks = inputs / 32;
      store(`${name}.weight`, 'uint8', [outputs, blocks, 16], bytes(outputs * blocks * 16));
      store(`${name}.weight_scale`, 'float32', [outputs * blocks], floats(outputs * blocks, scale / 4));
    }
    if (parameter.bias) store(`${name}.bias`, 'float32', [outputs], floats(outputs, 0));
  };
  for (const parameter of decoderParameters(config)) storeParameter(parameter, false);
  storeParameter(lmHeadParameter(config), true);
  await writeFile(join(path, 'decoder.bin'), parts);
  const folder = { path, manifest: { config: { decoder: config }, tensors } } as unknown as ModelFolder;
  const decoder = await openDecoder(folder, { device: cpuDevice, threads: 0 });
  return {
    ...decoder,
    async close() {
      await decoder.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
