/** Libraries of CUDA's provider in the person's own folder are what ONNX Runtime loads. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const child = fileURLToPath(new URL('../support/cuda-child.ts', import.meta.url));
const isElsewhere =
  process.platform !== 'linux' || process.arch !== 'x64' ? 'CUDA’s provider exists for Linux x64' : false;

/** What ONNX Runtime says, and where it looks, when it is asked for CUDA in a process of its own. */
function askForCuda(providers: string): { said: string; lookedFor: string | undefined } {
  const { stdout, stderr } = spawnSync(process.execPath, [child], {
    encoding: 'utf8',
    env: { ...process.env, INTERNVL_PROVIDERS: providers },
  });
  const lookedFor = /load library (\S+)/.exec(stderr)?.[1];
  return { said: stdout.trim(), lookedFor };
}

test('ONNX Runtime loads a library from the folder, and is loaded from its own place where there is none', {
  skip: isElsewhere,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const empty = join(folder, 'empty');
  await mkdir(empty);
  const broken = join(folder, 'broken');
  await mkdir(broken);
  await writeFile(join(broken, 'libonnxruntime_providers_shared.so'), 'no library at all');
  const usual = askForCuda(empty);
  assert.equal(usual.said, 'cpu works\ncuda refused');
  assert.match(`${usual.lookedFor}`, /node_modules\/onnxruntime-node\/bin\//);
  const own = askForCuda(broken);
  assert.equal(own.said, 'cpu works\ncuda refused', 'a broken library is a device that is not there');
  assert.match(`${own.lookedFor}`, /broken\/\.runtime-\d+\/libonnxruntime_providers_shared\.so$/);
  assert.deepEqual(
    await readdir(broken),
    ['libonnxruntime_providers_shared.so'],
    'the links left with their process',
  );
});
