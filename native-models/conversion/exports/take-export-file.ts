/** Takes again the one file of an imported export that a damaged model folder needs. */
import { AppError } from '../../../preload/contract/errors.ts';
import type { WrittenFile } from '../data-file.ts';
import type { Mending } from '../mend-file.ts';
import { storeExportedTable } from './export-token-table.ts';
import { type ExportPart, findExportFiles } from './find-export-files.ts';
import { takeGraph } from './take-graph.ts';

/** @throws AppError `not_found` where the export has no such file, and what `takeGraph` throws */
export async function takeExportFile(file: string, mending: Mending): Promise<WrittenFile> {
  const { manifest, source, workFolder: folder, signal, onProgress } = mending;
  const files = await findExportFiles(source, {}, manifest.precision.decoder);
  const part: ExportPart =
    file === manifest.tokenTable.file ? 'tokens' : file.startsWith('vision') ? 'vision' : 'decoder';
  let done = 0;
  const promised = manifest.files.find(({ name }) => name === file)!.sizeBytes;
  const onBytes = (sizeBytes: number) => {
    done += sizeBytes;
    onProgress(Math.min(done, promised), promised);
  };
  const taken = await takeGraph({ source, folder, part, from: files[part], signal, onBytes });
  if (part === 'tokens') {
    const table = await storeExportedTable({ folder, taken, config: manifest.config.decoder, signal });
    return table.file;
  }
  const found = [taken.graph, ...taken.data].find(({ name }) => name === file);
  if (!found) throw new AppError('not_found', 'The export has other files than the model was made from.');
  return found;
}
