/** A Python with PyPI's `openai` at pinned versions: the one that OPENAI_PYTHON names, or an environment made once. */
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const environment = join(root, '.cache', 'openai-python');
const requirements = join(import.meta.dirname, 'requirements.txt');

/** @throws Error with the commands that make the environment by hand, where they fail here */
export async function findOpenAiPython(): Promise<string> {
  if (process.env.OPENAI_PYTHON) return process.env.OPENAI_PYTHON;
  const inside = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const python = join(environment, ...inside);
  const ready = join(environment, 'ready');
  const isReady = await access(ready).then(
    () => true,
    () => false,
  );
  if (isReady) return python;
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '-r',
    requirements,
  ];
  try {
    await rm(environment, { recursive: true, force: true });
    await mkdir(join(root, '.cache'), { recursive: true });
    await run('python3', ['-m', 'venv', environment]);
    await run(python, install);
    await mkdir(join(environment, 'ready.new'));
    await rename(join(environment, 'ready.new'), ready);
    return python;
  } catch (cause) {
    const commands = `python3 -m venv FOLDER && FOLDER/bin/python ${install.join(' ')}`;
    throw new Error(
      `PyPI's openai is not here. Run: ${commands}; then set OPENAI_PYTHON=FOLDER/bin/python.`,
      {
        cause,
      },
    );
  }
}
