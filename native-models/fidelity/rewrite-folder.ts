/** Writes what a check decided into a model folder: wider matrices and the report, visible at one rename. */
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Parameter } from '../architectures/parameters.ts';
import { findManifestFault } from '../conversion/check-manifest.ts';
import { createDataFile, type WrittenFile, writeWholeFile } from '../conversion/data-file.ts';
import { refuseFullDisk } from '../conversion/disk-space.ts';
import { brokenModelFolder, type ModelFolder, manifestFile } from '../conversion/model-folder.ts';
import type { ModelManifest } from '../conversion/model-manifest.ts';
import type { ModelParameters } from '../conversion/model-parameters.ts';
import type { FidelityReport } from './fidelity-report.ts';
import { type StageWeights, storedNames, type WiderMatrices } from './stage-weights.ts';

/**
 * Data files with wider matrices are written anew under a new name; the manifest's rename makes them the model's, so a
 * kill at any moment leaves the old model or the new one. A model that is loaded keeps the files it has mapped.
 * @throws AppError `disk_full`; as the weights' readers do; the signal's reason after an abort
 */
export async function rewriteFolder(
  folder: ModelFolder,
  report: FidelityReport,
  change: { parameters: ModelParameters; weights: StageWeights; wider: WiderMatrices; signal: AbortSignal },
): Promise<void> {
  const { manifest } = folder;
  const all = [...change.parameters.vision, ...change.parameters.decoder, change.parameters.lmHead];
  const stale = manifest.files
    .map(({ name }) => name)
    .filter((file) =>
      all.some((parameter) => change.wider.has(parameter.name) && fileOf(manifest, parameter) === file),
    );
  const tensors = { ...manifest.tensors };
  const replaced = new Map<string, WrittenFile>();
  try {
    for (const file of stale) {
      const own = all.filter((parameter) => fileOf(manifest, parameter) === file);
      const written = await writeFileAnew(folder, { ...change, file, parameters: own });
      replaced.set(file, written.file);
      for (const parameter of own) for (const name of storedNames(parameter)) delete tensors[name];
      Object.assign(tensors, written.tensors);
    }
    const files = manifest.files.map((file) => replaced.get(file.name) ?? file);
    await writeManifest(folder.path, { ...manifest, files, tensors, fidelity: report });
  } catch (error) {
    for (const { name } of replaced.values()) await rm(join(folder.path, name), { force: true });
    throw error;
  }
  // Windows keeps a file that an engine has mapped; it is removed with the folder then.
  for (const file of stale) await rm(join(folder.path, file), { force: true }).catch(() => {});
}

async function writeFileAnew(
  { path, manifest }: ModelFolder,
  work: { file: string; parameters: Parameter[]; weights: StageWeights; signal: AbortSignal },
): Promise<{ file: WrittenFile; tensors: ModelManifest['tensors'] }> {
  const sizeBytes = manifest.files.find(({ name }) => name === work.file)!.sizeBytes;
  await refuseFullDisk(dirname(path), 2 * sizeBytes);
  const target = join(path, nextName(work.file));
  await rm(target, { force: true }); // left by a check that was killed
  const file = await createDataFile(target);
  const tensors: ModelManifest['tensors'] = {};
  try {
    for (const parameter of work.parameters) {
      work.signal.throwIfAborted();
      await work.weights.store(parameter, { file, tensors, signal: work.signal });
    }
    return { file: await file.finish(), tensors };
  } catch (error) {
    await file.abandon();
    await rm(target, { force: true });
    throw error;
  }
}

/** vision.bin → vision-2.bin → vision-3.bin. */
export function nextName(file: string): string {
  const [stem, version] = file.replace(/\.bin$/, '').split(/-(?=\d+$)/);
  return `${stem}-${Number(version ?? 1) + 1}.bin`;
}

function fileOf({ tensors }: ModelManifest, parameter: Parameter): string | undefined {
  return tensors[storedNames(parameter)[0]!]?.file;
}

async function writeManifest(folder: string, manifest: ModelManifest): Promise<void> {
  const fault = findManifestFault(manifest);
  if (fault) throw brokenModelFolder(fault);
  const fresh = join(folder, `${manifestFile}.new`);
  await rm(fresh, { force: true });
  await writeWholeFile(fresh, JSON.stringify(manifest, null, 1));
  await rename(fresh, join(folder, manifestFile));
}
