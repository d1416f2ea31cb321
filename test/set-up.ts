/**
 * `node test/set-up.ts`: finds what the browser and Electron tests need besides npm's packages, and installs it where
 * that can be done without asking: as root on a Debian-like system, such as a container. Elsewhere it prints the
 * command, and those tests are skipped with a reason.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { noBrowser } from './e2e/support/running-app.ts';
import { findStandIn } from './support/electron-22/find-stand-in.ts';

/** Chromium brings most libraries of Electron along; these two it does not. */
const packages = ['chromium', 'xvfb', 'libgtk-3-0'];

const isComplete = () => noBrowser === false && existsSync('/usr/bin/Xvfb');

function installPackages(): void {
  if (isComplete()) return;
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(
      `The browser tests need Chromium, the Electron tests a virtual screen:\n  apt-get ${install.join(' ')}`,
    );
    return;
  }
  console.error(`Installing ${packages.join(', ')} …`);
  try {
    for (const words of [['update', '-qq'], install])
      execFileSync('apt-get', words, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
  } catch {
    console.error('That did not work; the tests that need it are skipped.');
  }
}

installPackages();
findStandIn();
