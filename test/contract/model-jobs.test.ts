/** Getting models through the app: judged, fetched, paused, gone on with after a kill, imported, checked, moved. */
import assert from 'node:assert/strict';
import { cp, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openModelLibrary } from '../../main/service/models/model-library.ts';
import type { ConvertClient } from '../../native-models/process/convert-contract.ts';
import type { ModelJobId } from '../../preload/contract/ids.ts';
import type { ModelJob } from '../../preload/contract/model-jobs.ts';
import { makeZip } from '../support/make-zip.ts';
import { type MockHub, startMockHub } from '../support/mock-hub.ts';
import { type ServiceUnderTest, startService } from '../support/service-under-test.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

async function checkpointFiles(): Promise<Record<string, Uint8Array>> {
  const names = await readdir(tinyCheckpoint);
  const files = names.map(async (name) => [name, await readFile(join(tinyCheckpoint, name))] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function startHub(t: TestContext): Promise<MockHub> {
  const hub = await startMockHub(await checkpointFiles());
  t.after(() => hub.close());
  process.env.HF_ENDPOINT = hub.origin;
  process.env.HF_HUB_CACHE = join(await temporaryFolder(t), 'hub');
  return hub;
}

function start(t: TestContext, profile: string): ServiceUnderTest & { profile: string } {
  const service = startService({ profile });
  t.after(() => service.shutdown());
  return { ...service, profile };
}

async function untilJob(
  { page }: ServiceUnderTest,
  jobId: ModelJobId,
  isThere: (job: ModelJob) => boolean,
): Promise<ModelJob> {
  for (let tries = 0; tries < 600; tries++) {
    const job = (await page.listModelJobs({})).jobs.find(({ id }) => id === jobId);
    if (job?.state === 'failed' && !isThere(job)) assert.fail(`${job.error?.code}: ${job.error?.message}`);
    if (job && isThere(job)) return job;
    await sleep(50);
  }
  throw new Error('the job did not come that far');
}

const isDone = ({ state }: ModelJob) => state === 'done';

async function modelNames({ page }: ServiceUnderTest): Promise<string[]> {
  return (await page.listModels({})).models.filter(({ isDemo }) => !isDemo).map(({ id }) => id);
}

test('a repository is judged by its small files, fetched, converted, and its checkpoint removed', async (t) => {
  const hub = await startHub(t);
  const profile = await temporaryFolder(t);
  const service = start(t, profile);
  const judgement = await service.page.judgeRepository({ repository: `${hub.origin}/owner/name` });
  assert.equal(judgement.commit, hub.commit);
  assert.equal(judgement.license, 'mit');
  assert.equal(judgement.fits?.int4.memory, 'fits');
  assert.ok(!hub.requests.some(({ path }) => path.includes('model.safetensors')), 'no weights were fetched');
  const { jobId } = await service.page.startDownload({ repository: 'owner/name', precision: 'int8' });
  const { modelId } = await untilJob(service, jobId, isDone);
  assert.deepEqual(await modelNames(service), [modelId]);
  assert.deepEqual(await service.page.listCheckpoints({}), { checkpoints: [] });
  const state = await service.page.loadModel({ id: modelId! });
  assert.equal(state.state, 'ready');
});

test('a download that can’t run here is refused with the reason, before its weights', async (t) => {
  const hub = await startHub(t);
  hub.files.set('config.json', new TextEncoder().encode('{"model_type": "llama"}'));
  const service = start(t, await temporaryFolder(t));
  const { reason, fits } = await service.page.judgeRepository({ repository: 'owner/name' });
  assert.equal(fits, null);
  assert.equal(reason?.code, 'checkpoint_unsupported');
  const refused = service.page.startDownload({ repository: 'owner/name' });
  await assert.rejects(refused, { code: 'checkpoint_unsupported' });
  assert.ok(!hub.requests.some(({ path }) => path.includes('model.safetensors')));
});

test('a paused download is kept over kill -9, goes on where it stopped, and a cancelled one leaves nothing', async (t) => {
  const hub = await startHub(t);
  const profile = await temporaryFolder(t);
  let service = start(t, profile);
  const weights = hub.files.get('model.safetensors')!;
  // The first 256 KiB segments arrive; then the Hub sends nothing more.
  hub.misbehave = (request, response, file) => {
    if (file !== 'model.safetensors') return false;
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(206, {
      'content-length': weights.length - start,
      'content-range': `bytes ${start}-${weights.length - 1}/${weights.length}`,
    });
    response.write(weights.subarray(start, start === 0 ? 300_000 : start));
    return true;
  };
  const { jobId } = await service.page.startDownload({ repository: 'owner/name', precision: 'int4' });
  const segment = Math.min(256 * 1024, weights.length - 1);
  await untilJob(service, jobId, ({ done }) => done > segment);
  await service.page.pauseModelJob({ jobId });
  await untilJob(service, jobId, ({ state }) => state === 'paused');
  service.kill('service');
  await sleep(300);
  await service.shutdown();

  hub.misbehave = () => false;
  const before = hub.requests.length;
  service = start(t, profile);
  const kept = await untilJob(service, jobId, ({ state }) => state === 'paused');
  assert.equal(kept.name, 'owner/name');
  await service.page.resumeModelJob({ jobId });
  await untilJob(service, jobId, isDone);
  assert.equal((await modelNames(service)).length, 1);
  const again = hub.requests.slice(before).filter(({ path }) => path.includes('config.json'));
  assert.deepEqual(again, [], 'what had arrived was not fetched again');

  const { jobId: second } = await service.page.startDownload({ repository: 'owner/name', precision: 'fp16' });
  await service.page.cancelModelJob({ jobId: second });
  const left = await readdir(join(profile, 'models', 'checkpoints'));
  assert.deepEqual(left, []);
  assert.equal((await modelNames(service)).length, 1);
});

test('models come from a zip, and from Hugging Face’s own cache, without a network', async (t) => {
  await startHub(t);
  const folder = await temporaryFolder(t);
  const files = await checkpointFiles();
  const archive = join(folder, 'tiny.zip');
  const entries = Object.entries(files).map(([name, content]) => ({ name: `tiny/${name}`, content }));
  await writeFile(archive, makeZip([...entries, { name: '../../evil.json', content: '{}' }]));
  const service = start(t, await temporaryFolder(t));
  const uploadId = await service.upload(archive, 'tiny.zip');
  const { jobId } = await service.page.startImport({ source: { type: 'upload', uploadId } });
  const { modelId } = await untilJob(service, jobId, isDone);
  assert.equal(modelId, 'tiny-int4');

  const repository = join(process.env.HF_HUB_CACHE!, 'models--owner--cached');
  const snapshot = join(repository, 'snapshots', 'c'.repeat(40));
  await mkdir(join(repository, 'blobs'), { recursive: true });
  await mkdir(snapshot, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(repository, 'blobs', name), bytes);
    await symlink(join('..', '..', 'blobs', name), join(snapshot, name));
  }
  const [found] = (await service.page.listCheckpoints({})).checkpoints;
  assert.equal(found?.from, 'hugging-face');
  const source = { type: 'checkpoint' as const, name: found!.name };
  const cached = await service.page.startImport({ source });
  assert.equal((await untilJob(service, cached.jobId, isDone)).modelId, 'cached-int4');
  await assert.rejects(service.page.deleteCheckpoint({ name: found!.name }), { code: 'not_found' });
});

test('the library moves to another folder and back, and a changed byte is found there', async (t) => {
  await startHub(t);
  const profile = await temporaryFolder(t);
  const elsewhere = await temporaryFolder(t);
  let service = start(t, profile);
  const checkpoint = await service.upload(tinyCheckpoint, 'tiny');
  const { jobId } = await service.page.startImport({ source: { type: 'upload', uploadId: checkpoint } });
  const { modelId: id } = await untilJob(service, jobId, isDone);
  await service.page.loadModel({ id: id! });
  const uploadId = await service.upload(elsewhere, 'elsewhere');
  const moved = await service.page.moveLibrary({ uploadId });
  await untilJob(service, moved.jobId, isDone);
  assert.deepEqual(await readdir(join(profile, 'models')), []);
  await service.shutdown();

  service = start(t, profile);
  assert.equal((await service.page.getModelSettings({})).isLibraryMoved, true);
  assert.deepEqual(await modelNames(service), [id]);
  const folder = join(elsewhere, 'InternVL models', id!);
  const check = async () => (await Array.fromAsync(service.page.checkModelFiles({ id: id! }))).at(-1);
  assert.deepEqual(await check(), { type: 'checked', damaged: [] });
  for (const name of ['decoder.bin', 'manifest.json']) {
    const before = await readFile(join(folder, name));
    const file = await open(join(folder, name), 'r+');
    await file.write(Buffer.from([before[100]! ^ 1]), 0, 1, 100);
    await file.close();
    assert.deepEqual(await check(), { type: 'checked', damaged: [name] });
    await assert.rejects(service.page.loadModel({ id: id! }), { code: 'model_folder_broken' });
    await writeFile(join(folder, name), before);
  }
  assert.deepEqual(await check(), { type: 'checked', damaged: [] });

  const taken = await temporaryFolder(t);
  await mkdir(join(taken, 'InternVL models'));
  await writeFile(join(taken, 'InternVL models', 'letter.txt'), 'mine');
  const refused = await service.page.moveLibrary({ uploadId: await service.upload(taken, 'taken') });
  const { error } = await untilJob(service, refused.jobId, ({ state }) => state === 'failed');
  assert.equal(error?.code, 'invalid_request');
  assert.ok(await stat(join(taken, 'InternVL models', 'letter.txt')));
  await service.page.cancelModelJob({ jobId: refused.jobId });

  const back = await service.page.moveLibrary({ uploadId: null });
  await untilJob(service, back.jobId, isDone);
  assert.deepEqual(await modelNames(service), [id]);
  assert.equal((await service.page.loadModel({ id: id! })).state, 'ready');
});

test('a converted model is copied from a folder, and one with a wrong byte is not', async (t) => {
  await startHub(t);
  const service = start(t, await temporaryFolder(t));
  const { jobId } = await service.page.startImport({
    source: { type: 'upload', uploadId: await service.upload(tinyCheckpoint, 'first') },
  });
  const { modelId } = await untilJob(service, jobId, isDone);
  const made = join(service.profile, 'models', modelId!);
  const stick = join(await temporaryFolder(t), 'stick');
  await cp(made, stick, { recursive: true });
  const whole = await service.page.startImport({
    source: { type: 'upload', uploadId: await service.upload(stick, 'stick') },
  });
  await untilJob(service, whole.jobId, isDone);
  assert.deepEqual((await modelNames(service)).sort(), ['first-int4', 'stick']);
  const file = await open(join(stick, 'vision.bin'), 'r+');
  await file.write(Buffer.from([1, 2, 3]), 0, 3, 200);
  await file.close();
  const bad = await service.page.startImport({
    source: { type: 'upload', uploadId: await service.upload(stick, 'bad') },
  });
  const { error } = await untilJob(service, bad.jobId, ({ state }) => state === 'failed');
  assert.equal(error?.code, 'model_folder_broken');
  assert.equal((await modelNames(service)).length, 2);
});

test('a token is sealed by the shell and never answered', async (t) => {
  await startHub(t);
  const service = start(t, await temporaryFolder(t));
  const settings = await service.page.updateModelSettings({
    patch: { token: 'hf_secret', bytesPerSecond: 1_000_000, idleUnloadMinutes: null },
  });
  assert.ok(
    settings.hasToken && settings.bytesPerSecond === 1_000_000 && settings.idleUnloadMinutes === null,
  );
  assert.ok(!JSON.stringify(settings).includes('hf_secret'));
  assert.deepEqual(service.shellCalls.at(-1), { name: 'encryptSecret', input: { text: 'hf_secret' } });
  const file = await readFile(join(service.profile, 'model-settings.json'), 'utf8');
  assert.ok(!file.includes('hf_secret'));
  const without = await service.page.updateModelSettings({ patch: { token: null } });
  assert.equal(without.hasToken, false);
});

test('a model that a running app has loaded is not removed by another process; one that was killed holds nothing', async (t) => {
  await startHub(t);
  const profile = await temporaryFolder(t);
  const service = start(t, profile);
  const { jobId } = await service.page.startDownload({ repository: 'owner/name', precision: 'int8' });
  const { modelId } = await untilJob(service, jobId, isDone);
  const models = join(profile, 'models');
  const elsewhere = openModelLibrary({
    folder: () => models,
    demoCheckpoint: tinyCheckpoint,
    convertClient: {} as ConvertClient,
  });
  const inUse = async () =>
    (await readdir(join(models, modelId!))).filter((name) => name.startsWith('in-use'));
  await service.page.loadModel({ id: modelId! });
  assert.equal((await inUse()).length, 1);
  await assert.rejects(elsewhere.remove(modelId!), { code: 'invalid_request', message: /loaded/ });
  await service.page.unloadModel({});
  assert.deepEqual(await inUse(), []);
  await service.page.loadModel({ id: modelId! });
  service.kill('service');
  await sleep(300);
  assert.equal((await inUse()).length, 1);
  await elsewhere.remove(modelId!);
  assert.ok(!(await readdir(models)).includes(modelId!));
});

test('a cancelled conversion leaves its checkpoint, which is converted later without a network', async (t) => {
  const hub = await startHub(t);
  const profile = await temporaryFolder(t);
  const service = start(t, profile);
  const { jobId } = await service.page.startDownload({ repository: 'owner/name', precision: 'fp32' });
  await untilJob(service, jobId, ({ step, state }) => step === 'converting' || state === 'done');
  await service.page.cancelModelJob({ jobId });
  const [kept] = (await service.page.listCheckpoints({})).checkpoints;
  assert.equal(kept?.from, 'library');
  assert.ok(!(await readdir(join(profile, 'models'))).some((name) => name.endsWith('.partial')));
  await hub.close();
  const source = { type: 'checkpoint' as const, name: kept!.name };
  const again = await service.page.startImport({ source, precision: 'int8' });
  await untilJob(service, again.jobId, isDone);
});

test('a damaged file is mended as a job, from the commit that the model was fetched from', async (t) => {
  const hub = await startHub(t);
  const profile = await temporaryFolder(t);
  const service = start(t, profile);
  const { jobId } = await service.page.startDownload({ repository: 'owner/name', precision: 'int4' });
  const { modelId } = await untilJob(service, jobId, isDone);
  const path = join(profile, 'models', modelId!, 'decoder.bin');
  const whole = await readFile(path);
  const damaged = Uint8Array.from(whole, (byte, at) => byte ^ Number(at === 700));
  await writeFile(path, damaged);
  const repair = async () => (await service.page.repairModel({ id: modelId! })).jobId;
  const before = hub.requests.length;
  const mended = await repair();
  assert.equal((await untilJob(service, mended, isDone)).kind, 'repair');
  assert.deepEqual(await readFile(path), whole);
  assert.ok(hub.requests.slice(before).some(({ path: asked }) => asked.includes(hub.commit)));
  assert.deepEqual((await service.page.listCheckpoints({})).checkpoints, []);

  await writeFile(path, damaged);
  await hub.close(); // what it was made of can't be had any more
  const job = await untilJob(service, await repair(), ({ state }) => state === 'failed');
  assert.equal(job.error?.code, 'network_failed');
  assert.deepEqual(await readFile(path), Buffer.from(damaged));
});
