import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fingerprintCheckpoint } from '../../main/service/models/checkpoint-fingerprint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a checkpoint file that can’t be read is named, without its path', async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'config.json'), '{}');
  writeFileSync(join(folder, 'model.safetensors'), 'weights');
  await fingerprintCheckpoint(folder);
  symlinkSync('taken-away', join(folder, 'tokenizer.json'));
  await assert.rejects(fingerprintCheckpoint(folder), (error: { code: string; message: string }) => {
    assert.equal(error.code, 'file_unreadable');
    assert.match(error.message, /file tokenizer\.json can't be read/);
    assert.doesNotMatch(error.message, /\//);
    return true;
  });
});
