/** The media process, except that a picture named by its bytes to be deadly ends it, as a decoder's crash would. */
import { readFile } from 'node:fs/promises';
import { mediaContract } from '../../native-models/process/media-contract.ts';
import { mediaHandlers } from '../../native-models/process/media-handlers.ts';
import { serveChild } from '../../native-models/process/serve-child.ts';

serveChild(mediaContract, {
  ...mediaHandlers,
  async *openThumbnail(request, signal) {
    const isDeadly = 'path' in request.source && (await readFile(request.source.path)).includes('deadly');
    if (isDeadly) process.kill(process.pid, 'SIGKILL');
    yield* mediaHandlers.openThumbnail(request, signal);
  },
});
