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
  // Of a few prompts the one that this model goes on from most clearly, whichever weights are shipped.
  const prompts = Array.from({ length: 8 }, (_, first) =>
    Array.from({ length: 40 }, (_, i) => (first + i * 37) % 250),
  );
  const onCpu = await openDecoder(folder, cpu);
  let best = { prompt: prompts[0]!, ids: [] as number[], clear: -1 };
  for (const prompt of prompts) {
    const { ids, margins } = await writeGreedily(beginReading(folder, onCpu), prompt, 32);
    const unclear = margins.findIndex((margin) => margin < 1e-2);
    const clear = unclear < 0 ? 32 : unclear;
    if (clear > best.clear) best = { prompt, ids, clear };
  }
  await onCpu.close();
  assert.ok(best.clear >= 16, `only ${best.clear} clear choices: nothing is compared`);
  t.diagnostic(`${best.clear} of 32 ids are compared`);
  const decoder = await openDecoder(folder, webgpu);
  const found = await writeGreedily(beginReading(folder, decoder), best.prompt, 32);
  await decoder.close();
  assert.deepEqual(found.ids.slice(0, best.clear), best.ids.slice(0, best.clear));
});
