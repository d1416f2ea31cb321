import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createDataFile, writeWholeFile } from '../../native-models/conversion/data-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Until the test ends, files opened behave as `change` leaves them, so that a disk can be full at a chosen moment. */
function changeOpenedFiles(t: TestContext, change: (handle: FileHandle) => void): void {
  const { open } = promises;
  const install = (replacement: typeof open) => {
    Object.assign(promises, { open: replacement });
    syncBuiltinESMExports();
  };
  install(async (...args) => {
    const handle = await open(...args);
    change(handle);
    return handle;
  });
  t.after(() => install(open));
}

test('tensors begin on whole cache lines, and size and hash are the file’s own', async (t) => {
  const path = join(await temporaryFolder(t), 'a.bin');
  const file = await createDataFile(path);
  const first = await file.append(Uint8Array.of(1, 2, 3), { type: 'uint8', shape: [3] });
  const second = await file.append(Uint8Array.of(4), { type: 'uint8', shape: [1] });
  const written = await file.finish();
  const bytes = readFileSync(path);
  assert.deepEqual([first.byteOffset, second.byteOffset], [0, 64]);
  assert.equal(bytes[64], 4);
  assert.deepEqual(written, {
    name: 'a.bin',
    sizeBytes: 65,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
});

test('a file written whole is described as it lies on the disk, and never written over', async (t) => {
  const path = join(await temporaryFolder(t), 'note.json');
  const written = await writeWholeFile(path, 'grün');
  assert.equal(readFileSync(path, 'utf8'), 'grün');
  assert.equal(written.sizeBytes, 5);
  await assert.rejects(writeWholeFile(path, 'other'), { code: 'EEXIST' });
  assert.equal(readFileSync(path, 'utf8'), 'grün');
});

for (const [code, expected] of [
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EFBIG', 'invalid_request'],
  ['EIO', 'EIO'],
] as const) {
  for (const method of ['write', 'sync', 'close'] as const) {
    test(`${code} at ${method} is ${expected}`, async (t) => {
      changeOpenedFiles(t, (handle) => {
        const { close } = handle;
        handle[method] = async () => {
          await close.call(handle);
          throw Object.assign(new Error('the system says no'), { code });
        };
      });
      const path = join(await temporaryFolder(t), 'a.bin');
      await assert.rejects(writeWholeFile(path, 'text'), { code: expected });
    });
  }
}

test('a write that the system cuts short is gone on with', async (t) => {
  let writes = 0;
  changeOpenedFiles(t, (handle) => {
    const write = handle.write.bind(handle) as (bytes: Uint8Array, at: number, length: number) => unknown;
    const writeThree = (bytes: Uint8Array, at: number, length: number) => {
      writes += 1;
      return write(bytes, at, Math.min(3, length));
    };
    Object.assign(handle, { write: writeThree });
  });
  const path = join(await temporaryFolder(t), 'a.bin');
  await writeWholeFile(path, '0123456789');
  assert.equal(writes, 4);
  assert.equal(readFileSync(path, 'utf8'), '0123456789');
});
