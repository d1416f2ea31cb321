/**
 * The headless host whose person always chooses one folder, so that converting a checkpoint can be shown without a
 * desktop. Everything else is the product's. Environment: INTERNVL_HOME, CHOSEN_FOLDER.
 */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { startAppHost } from '../../../main/hosts/app-host.ts';
import { headlessShell } from '../../../main/hosts/headless-shell.ts';
import { assetsFolder, childFiles, pageFolder, readVersion } from '../../../main/hosts/source-files.ts';
import { spawnNodeChild } from '../../../main/supervisor/spawn-node-child.ts';
import { uploadIdSchema } from '../../../preload/contract/uploads.ts';
import { serveUntilStopped } from './serve-until-stopped.ts';

const profileFolder = process.env.INTERNVL_HOME!;
const path = process.env.CHOSEN_FOLDER!;
const name = basename(path);

const host = startAppHost({
  spawn: spawnNodeChild,
  files: childFiles,
  profileFolder,
  assetsFolder,
  version: readVersion(),
  shell: {
    ...headlessShell(profileFolder),
    describeShell: async () => ({
      host: 'headless',
      can: { chooseFolders: true, captureRegion: false, openLinks: false },
    }),
    async chooseFolder() {
      const uploadId = uploadIdSchema.parse(randomUUID());
      await host.client.registerUpload({ uploadId, path, name, isTemporary: false });
      return { uploadId, name };
    },
  },
});
await serveUntilStopped(host, { profileFolder, pageFolder });
