/** Room in the cache while a prompt is read: what is foretold holds it at its most, when the last room is outgrown. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Decoder, DecoderStep } from '../../native-models/inference/decoder.ts';
import { measuredConfig } from '../../native-models/inference/device-table.ts';
import { createKvCache, type HostKvCache } from '../../native-models/inference/kv-cache.ts';
import { kvBytes, kvBytesPerToken } from '../../native-models/inference/memory-need.ts';
import { createPrefillPace, prefill } from '../../native-models/inference/prefill.ts';
import { keyOf } from '../../native-models/inference/sequence.ts';
import { floatTensor } from '../../native-models/inference/session.ts';

const config = { ...measuredConfig.decoder, layerCount: 1 };
const { kvHeadCount, headDim, vocabularySize } = config;

/** Reads a prompt of zeros; the most bytes that its rooms took, the old one beside the new. */
async function readPrompt(tokens: number): Promise<number> {
  const kept = createKvCache(config, { first: 0, end: 1 });
  const room = () => kept.tail.block.capacity;
  let most = 0;
  const cache: HostKvCache = {
    ...kept,
    get length() {
      return kept.length;
    },
    reserve(length) {
      const before = room();
      kept.reserve(length);
      if (room() !== before) most = Math.max(most, before + room());
    },
  };
  async function run({ positions }: Pick<DecoderStep, 'positions'>) {
    const rows = floatTensor(new Float32Array(positions.length * kvHeadCount * headDim), [
      1,
      kvHeadCount,
      positions.length,
      headDim,
    ]);
    kept.append({ 'new_key.0': rows, 'new_value.0': rows }, positions.length);
    return new Float32Array(vocabularySize);
  }
  const sequence = { key: { ids: [], positions: [], pictures: [], said: [] }, cache };
  const prompt = { ids: new Int32Array(tokens), slots: [] };
  const key = keyOf(prompt, 1);
  const reading = prefill({
    decoder: { config, run, read: run } as unknown as Decoder,
    embedder: { width: config.hiddenSize, embed: () => {}, close: () => {} },
    ...{ prompt, key, visualTokens: [], sequence },
    pace: createPrefillPace(),
    inTurn: (work) => work(),
  });
  while (!(await reading.next()).done);
  assert.equal(kept.length, tokens);
  return most * kvBytesPerToken(config);
}

for (const tokens of [600, 2048, 5000])
  test(`${tokens} tokens fit into what is foretold, and one room alone would not hold them`, async () => {
    const bytes = await readPrompt(tokens);
    const foretold = kvBytes(config, tokens + 1);
    assert.ok(bytes <= foretold, `${bytes} of ${foretold}`);
    assert.ok(bytes > foretold / 2, `${bytes} of ${foretold}: the old room would not have to be counted`);
  });
