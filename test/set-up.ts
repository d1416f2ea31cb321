/**
 * `node test/set-up.ts`: finds what the browser and Electron tests need besides npm's packages, and installs it where
 * that can be done without asking: as root on a Debian-like system, such as a container. Elsewhere it prints the
 * command, and those tests are skipped with a reason.
 */
import { existsSync } from 'node:fs';
import { noBrowser } from './e2e/support/running-app.ts';
import { findStandIn } from './support/electron-22/find-stand-in.ts';
import { installCommand, installPackages } from './support/install-packages.ts';

/** Chromium brings most libraries of Electron along; these two it does not. */
const packages = ['chromium', 'xvfb', 'libgtk-3-0'];

const isComplete = noBrowser === false && existsSync('/usr/bin/Xvfb');

if (!isComplete && !installPackages(packages))
  console.error(
    `The browser tests need Chromium, the Electron tests a virtual screen; without them they are skipped:\n  ${installCommand(packages)}`,
  );
findStandIn();
