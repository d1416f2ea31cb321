/** Looks a packed app over before anything is made of it: its size, its binaries, its archive. */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { AfterPackContext } from 'electron-builder';
import { Arch } from 'electron-builder';

/**
 * What the app adds to Electron, in megabytes: ONNX Runtime 46 on Linux, 89 on macOS (its library comes twice) and 67 on
 * Windows (with DirectML), the demo model 12, decoders and grammar engine 25, page and code 6; and a tenth more.
 */
const ownBudgetsMb: Partial<Record<string, number>> = { linux: 100, darwin: 145, win32: 125 };

export default function checkPackage(context: AfterPackContext): void {
  const resources = context.packager.getResourcesDir(context.appOutDir);
  const files = listFiles(resources);
  const sizeMb = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6;
  const target = `${context.electronPlatformName}-${Arch[context.arch]}`;
  const names = files.map((file) => relative(resources, file).replaceAll('\\', '/'));
  const foreign = names.filter((name) => isForeign(name, target));
  const missing = needed(target).filter((pattern) => !names.some((name) => pattern.test(name)));
  const stray = names.filter((name) => /\.(map|ts)$|(^|\/)test\//.test(name));
  const budgetMb = ownBudgetsMb[context.electronPlatformName] ?? 0;
  console.log(`  • own size of ${target}: ${sizeMb.toFixed(0)} MB of ${budgetMb}`);
  if (sizeMb > budgetMb) throw new Error(`The app is ${sizeMb.toFixed(0)} MB, more than ${budgetMb}.`);
  if (foreign.length > 0) throw new Error(`Binaries of other systems: ${foreign.slice(0, 5).join(', ')}`);
  if (missing.length > 0) throw new Error(`The package lacks ${missing.join(', ')}`);
  if (stray.length > 0) throw new Error(`Not for the package: ${stray.slice(0, 5).join(', ')}`);
}

/** Whether a native file is another system's or another processor's. */
export function isForeign(name: string, target: string): boolean {
  if (!/\.(node|dll|dylib|so(\.\d+)*)$/.test(name)) return false;
  const [platform = '', arch = ''] = target.split('-');
  const found = /(?:^|[/-])(win32|darwin|linux|linuxmusl)[/-](x64|arm64|arm|ia32)(?=[/.-])/.exec(name);
  return found !== null && (found[1] !== platform || found[2] !== arch);
}

function needed(target: string): RegExp[] {
  const [platform = '', arch = ''] = target.split('-');
  const sharp =
    platform === 'linux' ? /@img\/sharp-wasm32\/.*\.wasm$/ : new RegExp(`@img/sharp-${target}/.*\\.node$`);
  return [
    /^app\.asar$/,
    /^app\.asar\.unpacked\/dist\/children\/service\.mjs$/,
    new RegExp(`onnxruntime-node/bin/napi-v6/${platform}/${arch}/.*\\.node$`),
    new RegExp(`better-sqlite3/prebuilds/${target}\\.node$`),
    sharp,
    /pdfium\.wasm$/,
    /^assets\/embedded-model\/model\.safetensors$/,
  ];
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
