/** The app's model library for the command line: the same folder, and a lock so that it is not moved meanwhile. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelId } from '../../../preload/contract/ids.ts';
import type { Model } from '../../../preload/contract/models.ts';
import type { Precision } from '../../../preload/contract/precision.ts';
import { withFolderLock } from '../../service/models/folder-lock.ts';
import { type ModelLibrary, openModelLibrary } from '../../service/models/model-library.ts';
import { openModelSettings } from '../../service/models/model-settings.ts';
import { profileFolder } from '../app-folders.ts';
import type { RunContext } from '../run-context.ts';

export interface OpenLibrary {
  library: ModelLibrary;
  folder: string;
  bytesPerSecond: number | null;
  /** With progress on the terminal; null when stopped. */
  convert(request: { path: string; id: ModelId; precision: Precision }): Promise<Model | null>;
  run: RunContext;
}

/** Runs `work` on the library, alone among command lines and against a move by the app. */
export async function withLibrary<T>(run: RunContext, work: (open: OpenLibrary) => Promise<T>): Promise<T> {
  const { terminal, signal } = run;
  const settings = await openModelSettings(profileFolder(process.env));
  const folder = settings.libraryFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const child = run.children.convert();
  const library = openModelLibrary({
    folder: () => folder,
    demoCheckpoint: run.embeddedModel,
    convertClient: child.client,
  });
  const convert: OpenLibrary['convert'] = async (request) => {
    const onProgress = ({ done, total, step }: { done: number; total: number; step: string }) => {
      const percent = Math.floor((100 * done) / Math.max(total, 1));
      terminal.showStatus(`Converting to ${request.precision}: ${percent} % (${step})`);
    };
    try {
      return await library.convert(request, { signal, onProgress });
    } finally {
      terminal.clearStatus();
    }
  };
  const { bytesPerSecond } = settings.get();
  const onWait = () => terminal.showStatus('Another process is at work in the model library…');
  try {
    return await withFolderLock(
      join(folder, 'library.lock'),
      () => work({ library, folder, bytesPerSecond, convert, run }),
      { signal, onWait },
    );
  } finally {
    await child.shutdown();
  }
}
