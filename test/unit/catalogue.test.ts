/** The catalogue against the architecture: what it says of sizes must follow from the published shapes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogue, estimateEntry } from '../../main/service/models/catalogue.ts';
import { parseRepository } from '../../main/service/models/hub/repository.ts';
import type { ModelConfig } from '../../native-models/architectures/model-config.ts';
import {
  estimateUnconverted,
  kvBytes,
  promptBytes,
  usualQuestion,
  visionBytes,
} from '../../native-models/inference/memory-need.ts';
import { familyShapes } from '../support/family-shapes.ts';

/** Hidden, intermediate, layers, key-value heads × head size, vocabulary, of the published configs. */
const decoders: Record<string, [number, number, number, number, number]> = {
  'Qwen2.5-0.5B': [896, 4864, 24, 2 * 64, 151674],
  'Qwen2.5-1.5B': [1536, 8960, 28, 2 * 128, 151674],
  'Qwen2.5-7B': [3584, 18944, 28, 4 * 128, 151674],
  'InternLM3-8B': [4096, 10240, 48, 2 * 128, 128520],
  'Qwen2.5-14B': [5120, 13824, 48, 8 * 128, 151674],
  'Qwen2.5-32B': [5120, 27648, 64, 8 * 128, 151674],
  'Qwen2.5-72B': [8192, 29568, 80, 8 * 128, 151674],
};
const encoders: Record<string, [number, number, number]> = {
  'InternViT-300M-448px-V2_5': [1024, 4096, 24],
  'InternViT-6B-448px-V2_5': [3200, 12800, 45],
};

function parametersOf(languageModel: string, visionModel: string): number {
  const [hidden, inner, layers, keyValues, vocabulary] = decoders[languageModel]!;
  const [width, wide, depth] = encoders[visionModel]!;
  const decoder =
    layers * (2 * hidden * hidden + 2 * hidden * keyValues + 3 * hidden * inner) + 2 * vocabulary * hidden;
  const vision = depth * (4 * width * width + 2 * width * wide) + 1025 * width + 588 * width;
  return decoder + vision + 4 * width * hidden + hidden * hidden;
}

test('download sizes follow from the published shapes within three per cent', () => {
  for (const { repository, languageModel, visionModel, weightBytes, training } of catalogue) {
    if (training === 'critic') continue;
    const expected = 2 * parametersOf(languageModel, visionModel);
    assert.ok(
      Math.abs(weightBytes / expected - 1) < 0.03,
      `${repository}: ${weightBytes} against ${expected}`,
    );
  }
});

test('every name can be asked for, once, and the family is whole', () => {
  const names = catalogue.map(({ repository }) => repository);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.equal(parseRepository(name).id, name);
  for (const size of ['1B', '2B', '8B', '9B', '14B', '38B', '78B']) {
    const training = catalogue.filter((entry) => entry.size === size && entry.training !== 'critic');
    assert.deepEqual(
      new Set(training.map((entry) => entry.training)),
      new Set(['chat', 'instruct', 'pretrained']),
    );
    assert.ok(training.some((entry) => entry.layout === 'hf'));
  }
});

test('what has had no fine-tuning says so', () => {
  for (const entry of catalogue)
    assert.equal(entry.note === 'pretrained', entry.repository.endsWith('-Pretrained'));
});

test('the memory of an entry follows from its own shape, the work of the usual question included', () => {
  for (const { size, config } of familyShapes) {
    const entry = catalogue.find(({ repository }) => repository === `OpenGVLab/InternVL3-${size}`)!;
    const { tokens } = usualQuestion;
    const { vision, decoder } = config;
    const work = kvBytes(decoder, tokens) + visionBytes(vision, 1) + promptBytes(decoder, tokens);
    const weights = estimateUnconverted(
      [
        { values: entry.visionValues + entry.tableValues, precision: 'int8' },
        {
          values: entry.weightBytes / 2 - entry.visionValues - 2 * entry.tableValues,
          precision: 'int4',
        },
      ],
      { vision: { ...vision, headCount: 0, intermediateSize: 0, hiddenSize: 0 }, decoder: nothing(decoder) },
    );
    assert.ok(Math.abs(estimateEntry(entry).memoryBytes - weights - work) < 1e6, size);
  }
  const largest = familyShapes.at(-1)!.config;
  const { tokens } = usualQuestion;
  const work = kvBytes(largest.decoder, tokens) + promptBytes(largest.decoder, tokens);
  assert.ok(work > 1e9, `${work}: far more than the 1B's`);
});

/** A decoder that keeps and computes nothing. */
function nothing(decoder: ModelConfig['decoder']): ModelConfig['decoder'] {
  return { ...decoder, layerCount: 0, headCount: 0, intermediateSize: 0 };
}
