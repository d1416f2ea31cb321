/** Folders as a tree. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Folder } from '../../preload/contract/conversations.ts';
import type { FolderId } from '../../preload/contract/ids.ts';
import {
  folderPath,
  folderTree,
  mayMoveInto,
  visibleFolders,
} from '../../renderer/features/conversations/folder-tree.ts';

const id = (name: string) => `folder-${name}` as FolderId;
const folder = (name: string, parent: string | null = null): Folder => ({
  id: id(name),
  name,
  parentId: parent === null ? null : id(parent),
});
const folders = [folder('2026', 'taxes'), folder('letters'), folder('may', '2026'), folder('taxes')];

test('folders lie in each other as deep as they were made, and closed ones hide what is in them', () => {
  const names = (closed: string[]) =>
    visibleFolders(folderTree(folders), new Set(closed.map(id))).map(
      (node) => `${node.depth} ${node.folder.name}`,
    );
  assert.deepEqual(names([]), ['0 letters', '0 taxes', '1 2026', '2 may']);
  assert.deepEqual(names(['2026']), ['0 letters', '0 taxes', '1 2026']);
  assert.deepEqual(names(['taxes']), ['0 letters', '0 taxes']);
});

test('a folder whose parent is gone stands at the top', () => {
  const [node] = folderTree([folder('lost', 'gone')]);
  assert.equal(node?.folder.name, 'lost');
});

test('a folder may move anywhere but into itself or below itself', () => {
  assert.equal(mayMoveInto(folders, id('taxes'), id('letters')), true);
  assert.equal(mayMoveInto(folders, id('may'), null), true);
  assert.equal(mayMoveInto(folders, id('taxes'), id('taxes')), false);
  assert.equal(mayMoveInto(folders, id('taxes'), id('may')), false);
});

test('a path names every folder from the top', () => {
  assert.equal(folderPath(folders, id('may')), 'taxes / 2026 / may');
  assert.equal(folderPath(folders, id('letters')), 'letters');
  assert.equal(folderPath([folder('a', 'b'), folder('b', 'a')], id('a')).length < 20, true, 'a circle ends');
});
