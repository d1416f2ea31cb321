/** The end of a host for tests: its edge, its address on stdout, and an end in order when it is told to stop. */
import { join } from 'node:path';
import type { AppHost } from '../../../main/hosts/app-host.ts';
import { startHttpEdge } from '../../../main/hosts/http.ts';
import { listenForStop } from '../../../main/hosts/listen-for-stop.ts';

export async function serveUntilStopped(
  host: AppHost,
  { profileFolder, pageFolder }: { profileFolder: string; pageFolder: string },
): Promise<void> {
  const edge = await startHttpEdge({
    powers: { host, uploadFolder: join(profileFolder, 'uploads'), pageFolder },
  });
  process.stdout.write(`${edge.url}/?token=${edge.token}\n`);
  const { signal } = listenForStop();
  signal.addEventListener('abort', async () => {
    await edge.close();
    await host.shutdown();
    process.exit(0);
  });
}
