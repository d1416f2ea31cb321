/** All seven sizes of the family as this app sees them: what they weigh, and that their graphs can be written. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogue } from '../../main/service/models/catalogue.ts';
import { writeDecoder } from '../../native-models/architectures/decoder.ts';
import { embedPatches, encodePatches } from '../../native-models/architectures/intern-vit.ts';
import { projectPatches } from '../../native-models/architectures/projector.ts';
import { estimateFolderBytes, sumOf } from '../../native-models/conversion/disk-space.ts';
import { modelParameters } from '../../native-models/conversion/model-parameters.ts';
import {
  estimateMemory,
  estimateUnconverted,
  usualQuestion,
} from '../../native-models/inference/memory-need.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';
import { decodeModel } from '../../native-models/onnx/read-graph.ts';
import { familyShapes } from '../support/family-shapes.ts';
import { bytesOf, storedTensors } from '../support/stored-shape.ts';

for (const { size, config, parameterCount, weightBytes } of familyShapes) {
  const parameters = modelParameters(config, 'original');
  const { vision, decoder, lmHead, lmHeadRows } = parameters;

  test(`${size}: what is read from a checkpoint adds up to what is published`, () => {
    let values = config.decoder.vocabularySize * config.decoder.hiddenSize; // the token table, which is copied apart
    for (const parameter of [...vision, ...decoder, lmHead]) {
      if (parameter.kind === 'tensor') values += parameter.shape.reduce((product, each) => product * each, 1);
      else {
        const rows = parameter.weight.reduce((sum, part) => sum + part.rows, 0);
        values += rows * (parameter.inputs + (parameter.bias ? 1 : 0) + (parameter.rowScale ? 1 : 0));
      }
    }
    assert.equal(values, parameterCount);
    const published = catalogue.find(
      (entry) => entry.repository === `OpenGVLab/InternVL3-${size}`,
    )!.weightBytes;
    assert.ok(Math.abs(2 * values - published) < 0.01 * published, `${2 * values} and ${published}`);
  });

  test(`${size}: converted and loaded sizes are what the shape says`, () => {
    const stored = new Map([
      ...storedTensors(vision, { precision: 'int8', file: 'vision.bin' }),
      ...storedTensors(decoder, { precision: 'int4', file: 'decoder.bin' }),
      ...storedTensors([lmHead], { precision: 'int4', file: 'lm-head.bin' }),
      ...storedTensors([lmHeadRows], { precision: 'int8', file: 'lm-head-rows.bin' }),
    ]);
    const storedBytes = weightBytes + (config.decoder.vocabularySize * config.decoder.hiddenSize * 9) / 16;
    assert.equal(bytesOf(stored), storedBytes);
    const tableBytes = 2 * config.decoder.vocabularySize * config.decoder.hiddenSize;
    const precision = { vision: 'int8', decoder: 'int4' } as const;
    const estimate = estimateFolderBytes(parameters, precision, { readsApart: false });
    // An upper estimate: a table published in fp32 would fit too.
    assert.ok(
      estimate >= storedBytes + tableBytes && estimate < 1.03 * (storedBytes + 2 * tableBytes),
      `${estimate}`,
    );
    const circumstances = { question: usualQuestion, visionBuffers: 1 };
    const { weightsByDevice } = estimateMemory(
      { tensors: Object.fromEntries(stored), config },
      circumstances,
    );
    const loaded = weightsByDevice.cpu!;
    // Packed: 1.07 of the vision's bytes, 1.7 of the decoder's.
    assert.ok(loaded > 1.07 * storedBytes && loaded < 1.75 * storedBytes, `${loaded}`);
    const parts = [
      { values: sumOf([...vision, lmHeadRows]), precision: 'int8' as const },
      { values: sumOf([...decoder, lmHead]), precision: 'int4' as const },
    ];
    const unconverted = estimateUnconverted(parts, config);
    const { peakBytes } = estimateMemory({ tensors: Object.fromEntries(stored), config }, circumstances);
    // The tokenizer is counted in the one alone.
    assert.ok(Math.abs(unconverted - 110 * 2 ** 20 - peakBytes) < 0.03 * peakBytes, `${unconverted}`);
  });

  test(`${size}: its graphs are written, small, and read every tensor`, () => {
    const read = new Set<string>();
    const initializersOf = (graph: Uint8Array) => {
      assert.ok(graph.length < 2_000_000, `${graph.length} bytes`);
      for (const { name } of decodeModel(graph).graph!.initializer) read.add(name);
    };
    const visionTensors = storedTensors(vision, { precision: 'int8', file: 'vision.bin' });
    const encoder = createGraph('vision');
    const builder = { graph: encoder, tensors: visionTensors };
    const side = config.vision.imageSize;
    const layers = { first: 0, end: config.vision.layerCount };
    const patches = embedPatches(
      builder,
      encoder.input('pixel_values', 'float32', ['n', 3, side, side]),
      config.vision,
    );
    const states = encodePatches(builder, patches, { config: config.vision, layers });
    encoder.output('visual_tokens', projectPatches(builder, states, config), 'float32', ['n', 256, 'width']);
    initializersOf(encoder.encode());

    const decoderTensors = storedTensors([...decoder, lmHead], { precision: 'int4', file: 'decoder.bin' });
    const language = createGraph('decoder');
    writeDecoder({ graph: language, tensors: decoderTensors }, config.decoder, {
      first: 0,
      end: config.decoder.layerCount,
    });
    initializersOf(language.encode());
    const unread = [...visionTensors.keys(), ...decoderTensors.keys()].filter((name) => !read.has(name));
    assert.deepEqual(unread, []);
  });
}
