/**
 * Lets ONNX Runtime find CUDA's and TensorRT's provider libraries in a folder of the person's own. It looks for them only
 * beside itself, so where that folder holds any, it is loaded through links that lie there. Imported first by each entry
 * that computes: later, ONNX Runtime would be loaded already.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The binding, and what it loads from beside itself. */
const runtimeFiles = ['onnxruntime_binding.node', 'libonnxruntime.so.1'];

/** Libraries a person puts there, as ONNX Runtime's GPU package names them. */
const isProviderLibrary = (name: string) => /^libonnxruntime_providers_[a-z]+\.so$/.test(name);

/** @returns where the binding is to be loaded from, or null where the package's own place does */
function linkRuntime(folder: string | undefined, packageFolder: string): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !folder || !existsSync(folder)) return null;
  const libraries = readdirSync(folder).filter(isProviderLibrary);
  if (libraries.length === 0) return null;
  const links = join(folder, `.runtime-${process.pid}`);
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links, { mode: 0o700 });
  process.once('exit', () => rmSync(links, { recursive: true, force: true }));
  const binaries = join(packageFolder, 'bin', 'napi-v6', 'linux', 'x64');
  for (const name of runtimeFiles) symlinkSync(join(binaries, name), join(links, name));
  for (const name of libraries) symlinkSync(join(folder, name), join(links, name));
  return join(links, runtimeFiles[0]!);
}

/** A folder that can't be read or linked in costs CUDA, not the app. */
function findLinkedRuntime(): string | null {
  try {
    const packageFile = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
    return linkRuntime(process.env.INTERNVL_PROVIDERS, dirname(packageFile));
  } catch {
    return null;
  }
}

const binding = findLinkedRuntime();
if (binding) {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier.endsWith('onnxruntime_binding.node')
        ? { url: pathToFileURL(binding).href, shortCircuit: true }
        : next(specifier, context),
  });
}
