/** Folders as a tree, from the flat list that the store keeps. */
import type { Folder } from '../../../preload/contract/conversations.ts';
import type { FolderId } from '../../../preload/contract/ids.ts';

export interface FolderNode {
  folder: Folder;
  /** From 0. */
  depth: number;
  children: FolderNode[];
}

/** Folders whose parent is missing stand at the top, so that none is ever out of reach. */
export function folderTree(folders: readonly Folder[]): FolderNode[] {
  const ids = new Set(folders.map(({ id }) => id));
  const childrenOf = new Map<FolderId | null, Folder[]>();
  for (const folder of folders) {
    const parent = folder.parentId !== null && ids.has(folder.parentId) ? folder.parentId : null;
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), folder]);
  }
  const build = (parent: FolderId | null, depth: number): FolderNode[] =>
    (childrenOf.get(parent) ?? []).map((folder) => ({
      folder,
      depth,
      children: build(folder.id, depth + 1),
    }));
  return build(null, 0);
}

/** The folders a person sees, top to bottom; of closed ones not what lies in them. */
export function visibleFolders(tree: readonly FolderNode[], closed: ReadonlySet<string>): FolderNode[] {
  return tree.flatMap((node) =>
    closed.has(node.folder.id) ? [node] : [node, ...visibleFolders(node.children, closed)],
  );
}

/** Whether `folder` may be moved into `target` (null: to the top): not into itself, nor below itself. */
export function mayMoveInto(folders: readonly Folder[], folder: FolderId, target: FolderId | null): boolean {
  const parentOf = new Map(folders.map(({ id, parentId }) => [id, parentId]));
  for (let at = target; at !== null; at = parentOf.get(at) ?? null) {
    if (at === folder) return false;
  }
  return true;
}

/** "Taxes / 2026", for menus. */
export function folderPath(folders: readonly Folder[], id: FolderId): string {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const names: string[] = [];
  for (let at = byId.get(id); at && names.length < folders.length; at = byId.get(at.parentId ?? id)) {
    names.unshift(at.name);
    if (at.parentId === null) break;
  }
  return names.join(' / ');
}
