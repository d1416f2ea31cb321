/** A copy of the tiny checkpoint with something wrong in it. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors } from '../../native-models/weights/safetensors.ts';
import { tinyCheckpoint } from './tiny-model.ts';
import { type TensorToWrite, writeSafetensors } from './write-safetensors.ts';

/** Copies it to `folder`/checkpoint, with config and tensors as the changes leave them. */
export async function changedCheckpoint(
  folder: string,
  change: {
    config?: (config: Record<string, Record<string, unknown>> & Record<string, unknown>) => void;
    tensors?: (tensors: Map<string, TensorToWrite>) => void;
  },
): Promise<string> {
  const copy = join(folder, 'checkpoint');
  await cp(tinyCheckpoint, copy, { recursive: true });
  if (change.config) {
    const config = JSON.parse(await readFile(join(copy, 'config.json'), 'utf8'));
    change.config(config);
    await writeFile(join(copy, 'config.json'), JSON.stringify(config));
  }
  if (change.tensors) {
    const file = await openSafetensors(join(copy, 'model.safetensors'));
    const tensors = new Map<string, TensorToWrite>();
    for (const [name, entry] of file.tensors) {
      tensors.set(name, {
        dtype: entry.dtype,
        shape: [...entry.shape],
        bytes: Uint8Array.from(await file.read(name)),
      });
    }
    await file.close();
    change.tensors(tensors);
    await writeSafetensors(join(copy, 'model.safetensors'), tensors);
  }
  return copy;
}
