/** Finds checkpoints that other programs have downloaded into Hugging Face's own cache, so that nothing comes twice. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the cache lies (repo: huggingface/huggingface_hub, `constants.py`: HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME). */
export function huggingFaceCache(env: NodeJS.ProcessEnv): string {
  if (env.HF_HUB_CACHE) return env.HF_HUB_CACHE;
  if (env.HF_HOME) return join(env.HF_HOME, 'hub');
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface', 'hub');
}

export interface CachedCheckpoint {
  /** `owner/name`. */
  repository: string;
  commit: string;
  folder: string;
}

/**
 * Lists checkpoints that are whole: a config, and every file of weights that the index names. The converter checks what
 * is in them, as it does with any folder. Of several commits the one that `refs/main` names comes first.
 */
export async function listCachedCheckpoints(cache: string): Promise<CachedCheckpoint[]> {
  const found: CachedCheckpoint[] = [];
  for (const name of await readdir(cache).catch(() => [])) {
    const [, owner, repository] = /^models--([A-Za-z0-9._-]+?)--([A-Za-z0-9._-]+)$/.exec(name) ?? [];
    if (!owner || !repository) continue;
    const main = await readFile(join(cache, name, 'refs', 'main'), 'utf8').catch(() => '');
    const commits = await readdir(join(cache, name, 'snapshots')).catch(() => []);
    commits.sort((a, b) => Number(b === main.trim()) - Number(a === main.trim()));
    for (const commit of commits) {
      const folder = join(cache, name, 'snapshots', commit);
      if (!/^[0-9a-f]{40}$/.test(commit) || !(await isWholeCheckpoint(folder))) continue;
      found.push({ repository: `${owner}/${repository}`, commit, folder });
    }
  }
  return found;
}

async function isWholeCheckpoint(folder: string): Promise<boolean> {
  if (!(await isFile(join(folder, 'config.json')))) return false;
  if (await isFile(join(folder, 'model.safetensors'))) return true;
  try {
    const index = JSON.parse(await readFile(join(folder, 'model.safetensors.index.json'), 'utf8')) as {
      weight_map?: Record<string, unknown>;
    };
    const names = new Set(Object.values(index.weight_map ?? {}));
    for (const name of names) {
      if (typeof name !== 'string' || !/^[A-Za-z0-9._-]+$/.test(name)) return false;
      if (!(await isFile(join(folder, name)))) return false;
    }
    return names.size > 0;
  } catch {
    return false;
  }
}

/** Follows the cache's links; a download that was cut off leaves one that leads nowhere. */
async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}
