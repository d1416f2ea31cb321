/** Installs packages of the system where that can be done without asking: as root on a Debian-like one, such as a container. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What a person would type. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get ${installWords(packages).join(' ')}`;
}

/** @returns whether they are installed now; why not stands on stderr */
export function installPackages(packages: readonly string[]): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return false;
  console.error(`Installing ${packages.join(', ')} …`);
  try {
    for (const words of [['update', '-qq'], installWords(packages)])
      execFileSync('apt-get', words, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    return true;
  } catch {
    return false;
  }
}

function installWords(packages: readonly string[]): string[] {
  return ['install', '-y', '-qq', '--no-install-recommends', ...packages];
}
