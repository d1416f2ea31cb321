/** Memory foretold before loading against what a process of its own then takes: within 15 %. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { parseDevices } from '../../native-models/inference/device.ts';
import { placeModel } from '../../native-models/inference/layer-plan.ts';
import { refuseFullMemory, refuseVastPrompt } from '../../native-models/inference/memory-limits.ts';
import { estimateMemory, usualQuestion } from '../../native-models/inference/memory-need.ts';
import { describeMeasured, measureMemory } from '../support/measure-memory.ts';
import { fullWidth, makeRandomCheckpoint } from '../support/random-checkpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const embeddedModel = join(import.meta.dirname, '../../assets/embedded-model');

async function convert(t: test.TestContext, checkpoint: string, precision: 'fp32' | 'int8' | 'int4') {
  const out = join(await temporaryFolder(t), 'model');
  return { out, ...(await convertCheckpoint({ checkpoint, out, precision })) };
}

test('the embedded model takes what was foretold', async (t) => {
  const { out } = await convert(t, embeddedModel, 'int4');
  const measured = await measureMemory(out, { words: 0 });
  t.diagnostic(describeMeasured(measured));
  assert.ok(Math.abs(measured.need.peakBytes / measured.peakBytes - 1) < 0.15, describeMeasured(measured));
});

for (const precision of ['int4', 'int8', 'fp32'] as const) {
  test(`${precision}: a model as wide as 1B takes what was foretold, whole and split`, async (t) => {
    const shape = { ...fullWidth, llm: { ...fullWidth.llm, num_hidden_layers: 4, vocab_size: 4096 } };
    const { out } = await convert(t, await makeRandomCheckpoint(await temporaryFolder(t), shape), precision);
    for (const devices of precision === 'int4' ? ['cpu', 'cpu,cpu'] : ['cpu']) {
      const measured = await measureMemory(out, { words: 150, devices });
      t.diagnostic(describeMeasured(measured));
      assert.ok(
        Math.abs(measured.need.peakBytes / measured.peakBytes - 1) < 0.15,
        describeMeasured(measured),
      );
    }
  });
}

test('what lies on a GPU is counted there and not here, and what does not fit is refused with advice', async (t) => {
  const { manifest } = await convert(t, embeddedModel, 'int4');
  const devices = parseDevices('cuda:0,cpu');
  const places = placeModel(manifest.config, devices === 'auto' ? [] : devices);
  const here = { question: usualQuestion, visionBuffers: 1 };
  const whole = estimateMemory(manifest, here);
  const split = estimateMemory(manifest, { ...here, places });
  assert.equal(split.visionBytes, 0);
  assert.equal(split.kvBytes, whole.kvBytes / 4, 'one layer of four is here');
  assert.ok(split.weightsByDevice.cuda! > split.weightsByDevice.cpu!);
  assert.ok(split.weightsByDevice.cpu! < 0.3 * whole.weightsByDevice.cpu!);
  const held = whole.programBytes + whole.weightsByDevice.cpu!;
  assert.throws(() => refuseFullMemory(manifest, here, held + 1), {
    code: 'out_of_memory',
    message: /use fewer pictures, or choose a smaller model\.$/,
  });
  assert.throws(() => refuseFullMemory(manifest, here, held / 2), {
    message: /Close other programs, or choose a smaller model\.$/,
  });
  assert.throws(() => refuseFullMemory(manifest, { ...here, places }, split.peakBytes - 1));
  refuseFullMemory(manifest, { ...here, places }, split.peakBytes);
  const { decoder } = manifest.config;
  assert.throws(() => refuseVastPrompt(decoder, 4000, 10e6), {
    code: 'out_of_memory',
    message: /4000 tokens.*fewer or smaller pictures/,
  });
  refuseVastPrompt(decoder, 40, 10e6);
});
