/** Prompts are read by int8 matrices beside the int4 ones that write, and who read a token is part of what it is. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { findManifestFault } from '../../native-models/conversion/check-manifest.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import type { GenerationParts } from '../../native-models/inference/generate.ts';
import { commonPrefixLength, keyOf } from '../../native-models/inference/sequence.ts';
import { buildPrompt } from '../../native-models/text/prompt.ts';
import { relativeError } from '../support/golden-cases.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTinyModel, tinyCheckpoint } from '../support/tiny-model.ts';

const ids = Array.from({ length: 70 }, (_, i) => (i * 37) % 250);

test('keys and values of a prompt are those of the int8 model, to a few rounded activations', async (t) => {
  const int4 = await openTinyModel(t, 'int4');
  const int8 = await openTinyModel(t, 'int8');
  for (const forkAt of [0, 23]) {
    const read = await held(int4.parts, [0, 23], { forkAt });
    const run = await held(int8.parts, [0, 23], { forkAt });
    for (const kind of ['keys', 'values'] as const)
      for (const [layer, rows] of read[kind].entries()) {
        const error = relativeError(rows, run[kind][layer]!);
        assert.ok(error < 5e-3, `${kind} of layer ${layer}: ${error}`);
      }
  }
  const own = await held(int4.parts, [0, 23], { reader: 'run' });
  const apart = relativeError(own.keys.at(-1)!, (await held(int8.parts, [0, 23])).keys.at(-1)!);
  assert.ok(apart > 2e-2, `int4 and int8 differ by ${apart} only: this proves nothing`);
});

test('a prompt is read to the same bits however it is cut', async (t) => {
  const { parts } = await openTinyModel(t, 'int4');
  const whole = await held(parts, [0]);
  for (const cuts of [
    [0, 1],
    [0, 69],
    [0, 16, 32, 48, 64],
    [0, 7, 9, 40],
  ])
    assert.deepEqual(await held(parts, cuts), whole, `cut at ${cuts}`);
});

test('answers and the last token are read by the weights that write, all else by those that read', async (t) => {
  const { parts } = await openTinyModel(t, 'int4');
  const text = (words: string) => [{ type: 'text' as const, text: words }];
  const asked = { role: 'user' as const, parts: text('Which number?') };
  const first = keyOf(buildPrompt(parts.tokenizer, [asked]), 1);
  const answer = { role: 'assistant' as const, parts: text('Seven, or eight.') };
  const second = keyOf(buildPrompt(parts.tokenizer, [asked, answer, asked]), 1);
  assert.deepEqual(
    first.said.map((isSaid, at) => isSaid && at),
    first.ids.map((_, at) => at === first.ids.length - 1 && at),
  );
  const answerIds = parts.tokenizer.encodeText('Seven, or eight.');
  const said = second.ids.filter((_, at) => second.said[at]);
  assert.deepEqual(said, [first.ids.at(-1), ...answerIds, second.ids.at(-1)]);
  const heard = { ...first, ids: [...first.ids, ...answerIds] };
  heard.positions = heard.ids.map((_, at) => at);
  heard.pictures = heard.ids.map(() => '');
  heard.said = heard.ids.map((_, at) => at >= first.ids.length - 1);
  assert.equal(commonPrefixLength(heard, second), heard.ids.length, 'what was said is not read again');
});

test('a folder without matrices for reading reads by its own; half of them are refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'model');
  const { manifest } = await convertCheckpoint({
    checkpoint: tinyCheckpoint,
    out: folder,
    precision: 'int4',
    readsApart: false,
  });
  assert.ok(!Object.keys(manifest.tensors).some((name) => name.startsWith('reading.')));
  assert.equal((await openModelFolder(folder)).manifest.files.length, manifest.files.length);

  const whole = (await openModelFolder((await openTinyModel(t, 'int4')).folder)).manifest;
  assert.equal(findManifestFault(whole), null);
  const { 'reading.0.o.weight': _, ...tensors } = whole.tensors;
  assert.match(findManifestFault({ ...whole, tensors }) ?? '', /missing|no place/);
});

/** The cache behind `ids`, cut into runs at the given tokens. */
async function held(
  { decoder, embedder }: GenerationParts,
  cuts: readonly number[],
  { reader = 'read', forkAt = 0 }: { reader?: 'read' | 'run'; forkAt?: number } = {},
) {
  const width = decoder.config.hiddenSize;
  let cache = decoder.createCache();
  for (const [index, first] of cuts.entries()) {
    const end = cuts[index + 1] ?? ids.length;
    if (forkAt > 0 && first === forkAt) cache = cache.fork();
    const hidden = new Float32Array((end - first) * width);
    for (let at = first; at < end; at++) embedder.embed(ids[at]!, hidden, (at - first) * width);
    const positions = Float32Array.from({ length: end - first }, (_, row) => first + row);
    if (reader === 'read') await decoder.read({ hidden, positions, cache });
    else await decoder.run({ hidden, positions, cache, logitRows: [] });
  }
  return cache.snapshot();
}
