/** A model of any shape with drawn weights, made on the spot to try a device with: what it says means nothing. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decoderParameters, lmHeadParameter } from '../architectures/decoder.ts';
import { internVitParameters } from '../architectures/intern-vit.ts';
import type { ModelConfig } from '../architectures/model-config.ts';
import { type LinearParameter, outputsOf, type Parameter } from '../architectures/parameters.ts';
import { projectorParameters } from '../architectures/projector.ts';
import { readingParameters } from '../architectures/reading-decoder.ts';
import type { ModelFolder } from '../conversion/model-folder.ts';
import { recipeVersion } from '../conversion/recipe-version.ts';
import { createRandom } from '../inference/random.ts';
import type { ExternalTensor, WeightType } from '../onnx/graph.ts';
import { int4BlockSize } from '../weights/quantise-int4.ts';

/** fp32, or as checkpoints are converted unless asked otherwise: vision int8, layers int4, lm_head int8. */
export type SyntheticPrecision = 'fp32' | 'mixed';

const fileName = 'weights.bin';

/** Writes the weights into an empty folder and gives a model folder without tokenizer or token table. */
export async function makeSyntheticModel(
  path: string,
  config: ModelConfig,
  { precision, readsApart = false }: { precision: SyntheticPrecision; readsApart?: boolean },
): Promise<ModelFolder> {
  const draw = createDrawing(precision);
  const vision = [
    ...internVitParameters(config.vision, 'original'),
    ...projectorParameters(config, 'original'),
  ];
  for (const parameter of vision) draw.add(parameter, 'int8');
  for (const parameter of decoderParameters(config.decoder)) draw.add(parameter, 'int4');
  if (readsApart) for (const parameter of readingParameters(config.decoder)) draw.add(parameter, 'int8');
  draw.add(lmHeadParameter(config.decoder), 'int8');
  await writeFile(join(path, fileName), draw.parts);
  const mixed = { vision: 'int8', decoder: 'int4' } as const;
  return {
    path,
    manifest: {
      format: 'internvl-model-folder',
      recipeVersion,
      name: 'synthetic',
      layout: 'original',
      precision: precision === 'mixed' ? mixed : { vision: 'fp32', decoder: 'fp32' },
      config,
      systemText: null,
      files: [],
      tensors: draw.tensors,
      tokenTable: { file: fileName, dtype: 'F32', rows: 1, width: 1 },
      notes: [],
    },
  };
}

function createDrawing(precision: SyntheticPrecision) {
  const random = createRandom(1);
  /** Drawn once and repeated: drawing tens of millions would take longer than the probe. An odd length, so that rows differ. */
  const drawnBytes = Uint8Array.from({ length: 1_000_003 }, () => random() * 256);
  const drawnFloats = Float32Array.from({ length: 250_007 }, () => 2 * random() - 1);
  const parts: Uint8Array[] = [];
  const tensors: Record<string, ExternalTensor> = {};
  let byteOffset = 0;
  const store = (name: string, { type, shape }: { type: WeightType; shape: number[] }, bytes: Uint8Array) => {
    tensors[name] = { file: fileName, byteOffset, sizeBytes: bytes.length, type, shape };
    parts.push(bytes);
    byteOffset += bytes.length;
  };
  const bytesOf = (count: number) =>
    Uint8Array.from({ length: count }, (_, at) => drawnBytes[at % drawnBytes.length]!);
  const floatsOf = (count: number, value: (at: number) => number) =>
    new Uint8Array(Float32Array.from({ length: count }, (_, at) => value(at)).buffer);

  function addLinear(parameter: LinearParameter, kind: 'int8' | 'int4'): void {
    const { name, inputs } = parameter;
    const outputs = outputsOf(parameter);
    const size = 1 / Math.sqrt(inputs); // keeps what passes through at its size
    if (precision === 'fp32') {
      const bytes = floatsOf(inputs * outputs, (at) => size * drawnFloats[at % drawnFloats.length]!);
      store(`${name}.weight`, { type: 'float32', shape: [outputs, inputs] }, bytes);
    } else if (kind === 'int8') {
      store(`${name}.weight`, { type: 'int8', shape: [inputs, outputs] }, bytesOf(inputs * outputs));
      const scales = floatsOf(outputs, () => size / 128);
      store(`${name}.weight_scale`, { type: 'float32', shape: [outputs] }, scales);
    } else {
      const blocks = inputs / int4BlockSize;
      const values = bytesOf((outputs * inputs) / 2);
      store(`${name}.weight`, { type: 'uint8', shape: [outputs, blocks, int4BlockSize / 2] }, values);
      const scales = floatsOf(outputs * blocks, () => size / 8);
      store(`${name}.weight_scale`, { type: 'float32', shape: [outputs * blocks] }, scales);
    }
    if (parameter.bias) {
      store(
        `${name}.bias`,
        { type: 'float32', shape: [outputs] },
        floatsOf(outputs, () => 0.01),
      );
    }
  }

  return {
    parts,
    tensors,
    add(parameter: Parameter, kind: 'int8' | 'int4'): void {
      if (parameter.kind === 'linear') {
        addLinear(parameter, kind);
        return;
      }
      const { name, shape } = parameter;
      const isNorm = name.includes('norm') && name.endsWith('weight');
      const count = shape.reduce((product, size) => product * size, 1);
      const value = (at: number) => (isNorm ? 1 : 0.1 * drawnFloats[at % drawnFloats.length]!);
      store(name, { type: 'float32', shape }, floatsOf(count, value));
    },
  };
}
