/**
 * The headless host with the scripted engine in place of the real one, for answers that the embedded model can't write:
 * slow, long, or with boxes. Everything else is the product's. Environment: INTERNVL_HOME.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startAppHost } from '../../../main/hosts/app-host.ts';
import { headlessShell } from '../../../main/hosts/headless-shell.ts';
import { childFiles, pageFolder, readVersion } from '../../../main/hosts/source-files.ts';
import { spawnNodeChild } from '../../../main/supervisor/spawn-node-child.ts';
import { writeScriptedAssets } from '../../support/service-assets.ts';
import { scriptedEngine } from '../../support/service-under-test.ts';
import { serveUntilStopped } from './serve-until-stopped.ts';

const profileFolder = process.env.INTERNVL_HOME!;
const known = join(profileFolder, 'assets');
const host = startAppHost({
  spawn: spawnNodeChild,
  files: { ...childFiles, engine: scriptedEngine },
  profileFolder,
  assetsFolder: existsSync(known) ? known : await writeScriptedAssets(profileFolder),
  version: readVersion(),
  shell: headlessShell(profileFolder),
});
await serveUntilStopped(host, { profileFolder, pageFolder: process.env.PAGE_FOLDER ?? pageFolder });
