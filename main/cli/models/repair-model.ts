/** `models repair`: damaged files are made again, and only those. */
import { resolve } from 'node:path';
import { createBandwidth } from '../../service/models/hub/bandwidth.ts';
import { huggingFaceCache } from '../../service/models/hub/hugging-face-cache.ts';
import { type OpenOrigin, openOrigin } from '../../service/models/open-origin.ts';
import { idOf } from './model-id.ts';
import type { OpenLibrary } from './open-library.ts';
import type { ModelsCommand } from './parse-models.ts';
import { unlessStopped } from './unless-stopped.ts';

/** @returns exit code: 0 all is well now, 130 stopped */
export async function repairModel(
  { id, from, json }: Extract<ModelsCommand, { action: 'repair' }>,
  { library, folder, bytesPerSecond, openHub, run }: OpenLibrary,
): Promise<number> {
  const { signal, terminal } = run;
  const percent = (done: number, total: number) => Math.floor((100 * done) / Math.max(total, 1));
  const opened: OpenOrigin[] = [];
  const named = from === null ? null : ({ type: 'path', path: resolve(from) } as const);
  try {
    const mended = await unlessStopped(signal, () =>
      library.repair(idOf(id), {
        signal,
        async openOrigin(origin, damaged) {
          const place = {
            damaged,
            library: folder,
            cache: huggingFaceCache(process.env),
            openHub: async () => openHub(),
            bandwidth: createBandwidth(bytesPerSecond),
            onFetching: ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }) =>
              terminal.showStatus(`Fetching what it was made from: ${percent(doneBytes, totalBytes)} %`),
            onUnpacking: (done: number, total: number) =>
              terminal.showStatus(`Unpacking what it was made from: ${percent(done, total)} %`),
            signal,
          };
          opened.push(await openOrigin(named ?? origin, place));
          return opened[0]!.folder;
        },
        onProgress: ({ done, total, step }) =>
          terminal.showStatus(
            `${step === 'reading' ? 'Reading every byte' : 'Making it again'}: ${percent(done, total)} %`,
          ),
      }),
    );
    terminal.clearStatus();
    if (!mended) return 130;
    if (json) terminal.say(`${JSON.stringify({ mended })}\n`);
    else if (mended.length === 0) terminal.say('All files are as they were written.\n');
    else terminal.say(`Mended: ${mended.join(', ')}.\n`);
    return 0;
  } finally {
    terminal.clearStatus();
    for (const { close } of opened) await close();
  }
}
