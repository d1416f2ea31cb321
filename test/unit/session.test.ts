import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { integerTensor, openSession, runSession } from '../../native-models/inference/session.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';

/** A graph whose one output takes as many zeros as its input says. */
async function openZeros(t: TestContext) {
  const graph = createGraph('zeros');
  const count = graph.input('count', 'int64', [1]);
  graph.output('zeros', graph.op('ConstantOfShape', [count]), 'float32', ['count']);
  const session = await openSession(graph.encode(), { folder: '', device: cpuDevice, threads: 1 });
  t.after(() => session.release());
  return session;
}

test('a run that needs more memory than there is is a typed error, and the session goes on', async (t) => {
  const session = await openZeros(t);
  await assert.rejects(runSession(session, { count: integerTensor([2 ** 50]) }), {
    code: 'out_of_memory',
    message: /fewer or smaller pictures/,
  });
  const { zeros } = await runSession(session, { count: integerTensor([3]) });
  assert.deepEqual([...(zeros!.data as Float32Array)], [0, 0, 0]);
});

test('another fault of a run is told as it is: it is the product’s own', async (t) => {
  const session = await openZeros(t);
  await assert.rejects(
    runSession(session, {}),
    (error: Error & { code?: string }) => error.code !== 'out_of_memory',
  );
});
