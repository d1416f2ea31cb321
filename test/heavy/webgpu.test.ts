/** The embedded model as it is shipped, int4, writing freely on SwiftShader: seconds a token, so not among the quick tests. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDecoder } from '../../native-models/inference/decoder.ts';
import { beginReading, convertForDevices, cpu, webgpu, writeGreedily } from '../support/device-parts.ts';
import { noSwiftShader } from '../support/find-swiftshader.ts';

const embeddedModel = fileURLToPath(new URL('../../assets/embedded-model', import.meta.url));

test('32 greedy ids are the CPU’s, up to the first that was no clear choice', {
  skip: noSwiftShader,
}, async (t) => {
  const folder = await convertForDevices(t, embeddedModel, 'int4');
  const prompt = Array.from({ length: 40 }, (_, i) => (i * 37) % 250);
  const written = [];
  for (const where of [cpu, webgpu]) {
    const decoder = await openDecoder(folder, where);
    written.push(await writeGreedily(beginReading(folder, decoder), prompt, 32));
    await decoder.close();
  }
  const [wanted, found] = written;
  const unclear = wanted!.margins.findIndex((margin) => margin < 1e-2);
  const end = unclear < 0 ? 32 : unclear;
  assert.ok(end >= 16, `only ${end} clear choices: nothing is compared`);
  assert.deepEqual(found!.ids.slice(0, end), wanted!.ids.slice(0, end));
});
