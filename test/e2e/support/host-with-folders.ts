/**
 * The headless host whose person always chooses one folder, so that converting a checkpoint can be shown without a
 * desktop. Everything else is the product's. Environment: INTERNVL_HOME, CHOSEN_FOLDER.
 */
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { startAppHost } from '../../../main/hosts/app-host.ts';
import { headlessShell } from '../../../main/hosts/headless-shell.ts';
import { startHttpEdge } from '../../../main/hosts/http.ts';
import { listenForStop } from '../../../main/hosts/listen-for-stop.ts';
import { assetsFolder, childFiles, pageFolder, readVersion } from '../../../main/hosts/source-files.ts';
import { spawnNodeChild } from '../../../main/supervisor/spawn-node-child.ts';
import { uploadIdSchema } from '../../../preload/contract/uploads.ts';

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
const edge = await startHttpEdge({
  powers: {
    host,
    uploadFolder: join(profileFolder, 'uploads'),
    pageFolder: pageFolder,
  },
});
process.stdout.write(`${edge.url}/?token=${edge.token}\n`);
const { signal } = listenForStop();
signal.addEventListener('abort', async () => {
  await edge.close();
  await host.shutdown();
  process.exit(0);
});
