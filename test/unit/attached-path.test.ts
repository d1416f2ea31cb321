/** Paths that try something: only plain files are read, as they lie there, and errors tell no folder. */
import assert from 'node:assert/strict';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pictureLimits } from '../../native-models/media/limits.ts';
import { readAttachment } from '../../native-models/media/open-part.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { makePng } from '../support/hostile-pictures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const posix = process.platform !== 'win32';

async function codeOf(path: string): Promise<string> {
  try {
    return (await readAttachment({ path })).kind;
  } catch (error) {
    assert.ok(error instanceof AppError, `${path}: ${error}`);
    assert.ok(!error.message.includes(tmpdir()), error.message);
    return error.code;
  }
}

async function folderWithPicture(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'picture.png'), makePng(3, 3));
  return folder;
}

test('what looks like an address is a name of no file, and nothing is fetched', async (t) => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end(makePng(3, 3));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const addresses = [
    `http://127.0.0.1:${port}/picture.png`,
    `//127.0.0.1:${port}/picture.png`,
    `\\\\127.0.0.1@${port}\\share\\picture.png`,
    'file:///etc/passwd',
    `data:image/png;base64,${makePng(3, 3).toString('base64')}`,
    'msl:picture.png',
    '|cat /etc/passwd',
  ];
  for (const address of addresses) assert.equal(await codeOf(address), 'file_unreadable', address);
  await fetch(addresses[0]!);
  assert.equal(requests, 1, 'a request would have been seen');
});

test('names of any length and any characters are names', async (t) => {
  const folder = await folderWithPicture(t);
  for (const name of [
    'none.png',
    'x'.repeat(5_000),
    'nul\0.png',
    '\0',
    '../../../../../nowhere.png',
    '%2e%2e/x.png',
  ]) {
    assert.equal(await codeOf(join(folder, name)), 'file_unreadable', name.slice(0, 20));
  }
  for (const name of ['option.png[page=1,unlimited]', '-rf.png', 'größe 书生.png', 'a"b\'c`d$(e).png']) {
    await writeFile(join(folder, name), makePng(3, 3));
    assert.equal(await codeOf(join(folder, name)), 'picture', name);
  }
});

test('folders and devices are refused; links are followed to plain files only', {
  skip: !posix,
}, async (t) => {
  const folder = await folderWithPicture(t);
  await mkdir(join(folder, 'folder.png'));
  const links = {
    'to-picture': [join(folder, 'picture.png'), 'picture'],
    'to-folder': [join(folder, 'folder.png'), 'path_refused'],
    'to-zeros': ['/dev/zero', 'path_refused'],
    'to-itself': [join(folder, 'to-itself'), 'file_unreadable'],
    'to-nothing': [join(folder, 'gone.png'), 'file_unreadable'],
  } as const;
  for (const [name, [target, code]] of Object.entries(links)) {
    await symlink(target, join(folder, name));
    assert.equal(await codeOf(join(folder, name)), code, name);
  }
  assert.equal(await codeOf(join(folder, 'folder.png')), 'path_refused');
  assert.equal(await codeOf('/dev/zero'), 'path_refused');
});

test('a file that claims to be vast is not read', async (t) => {
  const path = join(await folderWithPicture(t), 'picture.png');
  await truncate(path, pictureLimits.fileBytes + 1); // sparse
  const startedMs = performance.now();
  assert.equal(await codeOf(path), 'media_too_large');
  assert.ok(performance.now() - startedMs < 500);
});
