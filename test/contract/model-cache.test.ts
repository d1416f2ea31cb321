/** A checkpoint is converted once, however many processes ask and however they ended. */
import assert from 'node:assert/strict';
import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { modelCacheFolder } from '../../main/cli/app-folders.ts';
import { fingerprintCheckpoint } from '../../main/service/models/checkpoint-fingerprint.ts';
import { type FindModelRequest, findModel } from '../../main/service/models/model-cache.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { tinyCheckpoint } from '../support/tiny-model.ts';

/** A model folder, to be what every conversion makes. */
const made = await mkdtemp(join(tmpdir(), 'model-cache-'));
const converted = join(made, 'model');
await convertCheckpoint({ checkpoint: tinyCheckpoint, out: converted, precision: 'int4' });
after(() => rm(made, { recursive: true }));

let folder: string;
let checkpoint: string;
let conversions: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-cache-'));
  checkpoint = join(folder, 'InternVL3-tiny');
  conversions = [];
  await mkdir(checkpoint);
  await writeFile(join(checkpoint, 'config.json'), '{"model_type":"internvl_chat"}');
  await writeFile(join(checkpoint, 'model.safetensors'), 'weights');
});
afterEach(() => rm(folder, { recursive: true }));

async function convertSlowly({ out, precision }: { out: string; precision: string }): Promise<boolean> {
  conversions.push(precision);
  await sleep(100);
  await cp(converted, out, { recursive: true });
  return true;
}

function find(changes: Partial<FindModelRequest> = {}) {
  const cache = join(folder, 'cache');
  return findModel({ folder: checkpoint, precision: 'int4', cache, convert: convertSlowly, ...changes });
}

describe('the model cache', () => {
  it('converts a checkpoint once per precision', async () => {
    const first = await find();
    const again = await find();
    const other = await find({ precision: 'fp32' });
    assert.deepEqual(again, first);
    assert.notEqual(other?.folder, first?.folder);
    assert.deepEqual(conversions, ['int4', 'fp32']);
    const left = await readdir(join(folder, 'cache'));
    assert.equal(left.length, 2, `nothing but two models: ${left}`);
  });

  it('takes a converted folder as it is', async () => {
    await writeFile(join(checkpoint, 'manifest.json'), '{}');
    assert.deepEqual(await find(), { folder: checkpoint, cached: false });
    assert.deepEqual(conversions, []);
  });

  it('converts once when several ask at the same time', async () => {
    let waited = 0;
    const onWait = () => {
      waited += 1;
    };
    const found = await Promise.all([find({ onWait }), find({ onWait }), find({ onWait })]);
    assert.equal(new Set(found.map((model) => model?.folder)).size, 1);
    assert.deepEqual(conversions, ['int4']);
    assert.equal(waited, 2);
  });

  it('keeps nothing of a conversion that failed or was stopped, and makes it at the next try', async () => {
    const fail = async ({ out }: { out: string }) => {
      await mkdir(`${out}.partial`);
      throw new Error('disk on fire');
    };
    await assert.rejects(find({ convert: fail }), /disk on fire/);
    assert.equal(await find({ convert: async () => false }), null);
    assert.deepEqual(await readdir(join(folder, 'cache')), []);
    assert.ok(await find());
  });

  it('makes a model again that has a changed byte', async () => {
    const model = await find();
    const file = await open(join(model!.folder, 'lm-head.bin'), 'r+');
    await file.write(Buffer.from([77]), 0, 1, 9);
    await file.close();
    assert.deepEqual(await find(), model);
    assert.deepEqual(conversions, ['int4', 'int4']);
    assert.deepEqual(await find(), model);
    assert.equal(conversions.length, 2);
  });

  it('takes over from a converter that was killed, and goes on with what it left', async () => {
    const model = await find();
    const cache = join(folder, 'cache');
    const token = '01234567-89ab-4cde-8f01-23456789abcd';
    const key = model?.folder.split('/').at(-1);
    await rm(model?.folder ?? '', { recursive: true });
    await mkdir(join(cache, `making-${token}.partial`));
    await writeFile(join(cache, `making-${token}.partial`, 'vision.bin'), 'begun');
    await writeFile(
      join(cache, `${key}.lock`),
      JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), token }),
    );
    const found: string[] = [];
    const convert: FindModelRequest['convert'] = async (request) => {
      found.push(...(await readdir(`${request.out}.partial`)));
      return convertSlowly(request);
    };
    assert.deepEqual(await find({ convert }), model);
    assert.deepEqual(found, ['vision.bin']);
    assert.deepEqual(await readdir(cache), [key]);
  });

  it('takes over from another machine only when its lock has not been touched for long', async () => {
    const key = (await find())?.folder.split('/').at(-1);
    const lock = join(folder, 'cache', `${key}.lock`);
    await rm(join(folder, 'cache', `${key}`), { recursive: true });
    await writeFile(lock, JSON.stringify({ pid: 1, host: 'elsewhere', token: 'x' }));
    const abort = new AbortController();
    const waiting = find({ signal: abort.signal });
    await sleep(400);
    abort.abort();
    assert.equal(await waiting, null);
    await utimes(lock, 0, 0);
    assert.ok(await find());
  });

  it('says where a cache that can not be written may be put instead', async () => {
    const cache = join(checkpoint, 'config.json', 'cache');
    await assert.rejects(find({ cache }), { code: 'invalid_request', message: /INTERNVL_HOME/ });
  });

  it('lies where the person or the system wants it', () => {
    assert.equal(modelCacheFolder({ INTERNVL_HOME: '/data/vl' }), join('/data/vl', 'models'));
    const ofXdg = (XDG_CACHE_HOME: string) => modelCacheFolder({ XDG_CACHE_HOME }, 'linux');
    assert.equal(ofXdg('/cache'), '/cache/internvl-desktop/models');
    assert.match(ofXdg('relative'), /\.cache.internvl-desktop.models$/);
  });
});

describe('the fingerprint of a checkpoint', () => {
  it('is the same for a copy and changes with every byte that counts', async () => {
    const copy = join(folder, 'copy');
    await cp(checkpoint, copy, { recursive: true });
    const original = await fingerprintCheckpoint(checkpoint);
    assert.equal(await fingerprintCheckpoint(copy), original);
    await writeFile(join(copy, 'README.md'), 'words');
    assert.equal(await fingerprintCheckpoint(copy), original);
    await writeFile(join(copy, 'model.safetensors'), 'weighty');
    assert.notEqual(await fingerprintCheckpoint(copy), original);
    await writeFile(join(copy, 'model.safetensors'), await readFile(join(checkpoint, 'model.safetensors')));
    assert.equal(await fingerprintCheckpoint(copy), original);
    await writeFile(join(copy, 'tokenizer.json'), '{}');
    assert.notEqual(await fingerprintCheckpoint(copy), original);
  });

  it('tells large files apart by size, head and time of change', async () => {
    const weights = join(checkpoint, 'model.safetensors');
    const seen = new Set<string>();
    const changes = [
      () => truncate(weights, 65 * 1024 * 1024),
      () => truncate(weights, 66 * 1024 * 1024),
      () => utimes(weights, 1000, 1000),
      async () => {
        await writeFile(weights, 'other', { flag: 'r+' });
        await utimes(weights, 1000, 1000);
      },
    ];
    for (const change of changes) {
      await change();
      seen.add(await fingerprintCheckpoint(checkpoint));
    }
    assert.equal(seen.size, changes.length);
  });

  it('refuses what is no checkpoint', async () => {
    await assert.rejects(fingerprintCheckpoint(join(folder, 'none')), { code: 'not_found' });
    await rm(join(checkpoint, 'config.json'));
    await assert.rejects(fingerprintCheckpoint(checkpoint), { code: 'not_found', message: /neither/ });
  });
});
