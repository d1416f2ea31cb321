/** Which files of a zip make a model: those of a checkpoint, of a ready-made export, or of a converted model. */
import { isExportFile, manifestFile } from '../../../native-models/process/convert-client.ts';
import { isCheckpointFile } from './hub/checkpoint-files.ts';

const plainFile = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** @param path within the model's folder, with `/` */
export function isImportedFile(path: string): boolean {
  if (isExportFile(path)) return true;
  const isConverted = path === manifestFile || /\.(?:bin|onnx)$/.test(path);
  return plainFile.test(path) && (isConverted || isCheckpointFile(path));
}
