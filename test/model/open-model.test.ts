/** Whatever goes wrong while a model is opened, nothing of it stays open, and the fault says what mends it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { InferenceSession } from 'onnxruntime-node';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { multipliesExactly } from '../../native-models/inference/exact-products.ts';
import { openModel } from '../../native-models/inference/vision-language-model.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

async function convertTiny(t: TestContext): Promise<string> {
  const folder = join(await temporaryFolder(t), 'model');
  await convertCheckpoint({ checkpoint: tinyCheckpoint, out: folder, precision: 'int8' });
  return folder;
}

/** Real sessions, counted; the one with number `failAt` is refused as ONNX Runtime refuses a bad graph. */
function countSessions(t: TestContext, failAt: number) {
  const counts = { created: 0, open: 0 };
  const create = InferenceSession.create.bind(InferenceSession) as (
    ...args: unknown[]
  ) => Promise<InferenceSession>;
  t.mock.method(InferenceSession, 'create', async (...args: unknown[]) => {
    if (++counts.created === failAt) throw new Error('this graph is not valid');
    const session = await create(...args);
    counts.open += 1;
    const release = session.release.bind(session);
    session.release = async () => {
      counts.open -= 1;
      await release();
    };
    return session;
  });
  return counts;
}

const openFiles = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);

test('where a later part can’t be opened, the parts before it are closed again', async (t) => {
  const folder = await convertTiny(t);
  await multipliesExactly(); // asked once a process, in a session of its own
  const whole = countSessions(t, Number.POSITIVE_INFINITY);
  const model = await openModel(folder);
  const sessionCount = whole.created;
  assert.ok(sessionCount >= 2 && whole.open === sessionCount);
  await model.close();
  assert.equal(whole.open, 0);
  t.mock.restoreAll();

  const before = openFiles();
  for (let failAt = 1; failAt <= sessionCount; failAt++) {
    const counts = countSessions(t, failAt);
    await assert.rejects(openModel(folder), { code: 'model_folder_broken' }, `session ${failAt}`);
    assert.deepEqual(counts, { created: failAt, open: 0 });
    assert.equal(openFiles(), before);
    t.mock.restoreAll();
  }
});

test('a damaged tokenizer in a model folder is a broken model folder, not a broken checkpoint', async (t) => {
  const folder = await convertTiny(t);
  const file = join(folder, 'tokenizer.json');
  const text = await readFile(file, 'utf8');
  for (const damaged of [
    text.replace('"model"', '"medol"'),
    text.replace('<|im_end|>', '<|im_and|>'),
    text.replace('{', '['),
    text.replace('"BPE"', '"XYZ"'),
  ]) {
    assert.equal(damaged.length, text.length, 'of the same size, so that the manifest does not tell');
    await writeFile(file, damaged);
    await assert.rejects(openModel(folder), { code: 'model_folder_broken', message: /tokenizer\.json/ });
  }
});

test('data files in each other’s place are a broken model folder', async (t) => {
  const folder = await convertTiny(t);
  await copyFile(join(folder, 'lm-head.bin'), join(folder, 'decoder.bin'));
  await assert.rejects(openModel(folder), { code: 'model_folder_broken', message: /decoder\.bin/ });
});
