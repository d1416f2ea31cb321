/** What may not run beside each other: a move of the library and other jobs, a load and the deletion of its model. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { modelHandlers } from '../../main/service/handlers/models.ts';
import { openJobRecords } from '../../main/service/models/jobs/job-records.ts';
import { createModelJobs, type NewJob } from '../../main/service/models/jobs/model-jobs.ts';
import { createTurnQueue } from '../../native-models/process/turn-queue.ts';
import { modelIdSchema } from '../../preload/contract/ids.ts';
import type { ModelState } from '../../preload/contract/models.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const anImport: NewJob = { kind: 'import', name: 'a', path: '/nowhere', precision: 'int4', modelId: null };
const aMove: NewJob = { kind: 'move', name: 'b', target: null };

/** Jobs whose work lasts until it is stopped. */
async function startJobs(t: TestContext) {
  const jobs = createModelJobs({
    records: await openJobRecords(join(await temporaryFolder(t), 'jobs.json')),
    work: {
      run: (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      discard: async () => {},
    },
    onChange: () => {},
  });
  t.after(() => jobs.close());
  return jobs;
}

test('nothing is begun or gone on with while the library moves', async (t) => {
  const jobs = await startJobs(t);
  const paused = await jobs.start(anImport);
  await jobs.pause(paused);
  await assert.rejects(jobs.start(aMove), { code: 'invalid_request' });
  await jobs.cancel(paused);

  const move = jobs.start(aMove); // not awaited: the next one comes at the same moment
  await assert.rejects(jobs.start(anImport), { code: 'invalid_request' });
  await jobs.cancel(await move);
  await jobs.start(anImport);
  assert.deepEqual(
    jobs.list().map(({ kind, state }) => [kind, state]),
    [['import', 'running']],
  );
});

test('a move that was stopped goes on only when no other job is left', async (t) => {
  const jobs = await startJobs(t);
  const move = await jobs.start(aMove);
  await jobs.pause(move);
  const other = await jobs.start(anImport);
  await assert.rejects(jobs.resume(move), { code: 'invalid_request' });
  await jobs.cancel(other);
  await jobs.resume(move);
  assert.equal(jobs.list()[0]?.state, 'running');
});

for (const { held, steps } of [
  { held: 'loading', steps: ['unload', 'remove'] },
  { held: 'ready', steps: ['unload', 'remove'] },
  { held: 'unloaded', steps: ['remove'] },
] as const) {
  test(`a model is deleted while ${held}: ${steps.join(', then ')}`, async () => {
    const id = modelIdSchema.parse('one');
    const done: string[] = [];
    const service = {
      library: { remove: async () => void done.push('remove') },
      models: { state: { state: held, modelId: id } as unknown as ModelState },
      unload: async () => void done.push('unload'),
      queue: createTurnQueue(),
      events: { publish: () => {} },
      getting: {},
    };
    const handlers = modelHandlers(service as unknown as Parameters<typeof modelHandlers>[0]);
    await handlers.deleteModel({ id }, new AbortController().signal);
    assert.deepEqual(done, steps);
  });
}
