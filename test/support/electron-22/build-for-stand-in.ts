/** Builds the app for the stand-in: the product's own build, with the newer names of Electron behind a shim. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';
import pageConfig from '../../../vite.config.ts';
import mainConfig from '../../../vite.main.config.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Replaces modules of the product while bundling; the product itself knows nothing of it. */
const stand = {
  name: 'electron-22',
  enforce: 'pre' as const,
  resolveId(source: string, importer: string | undefined) {
    if (source === 'electron-22-itself') return { id: 'electron', external: true };
    if (source === 'electron')
      return here(importer?.endsWith('/preload/index.ts') ? './preload-shim.ts' : './electron-shim.ts');
    if (source.endsWith('/spawn-utility-child.ts')) return here('./spawn-outer-node.ts');
    return null;
  },
};

/** @param appFolder becomes an app folder as Electron takes it: package.json, dist, and links to the rest */
export async function buildForStandIn(appFolder: string): Promise<void> {
  rmSync(appFolder, { recursive: true, force: true });
  mkdirSync(join(appFolder, 'dist'), { recursive: true });
  writeFileSync(
    join(appFolder, 'package.json'),
    JSON.stringify({ name: 'internvl-desktop', version: '0.1.0', main: 'dist/shell/index.cjs' }),
  );
  symlinkSync(join(root, 'node_modules'), join(appFolder, 'node_modules'));
  await buildMode('shell', join(appFolder, 'dist/shell'), { index: 'main/index.ts' });
  await buildMode('shell', join(appFolder, 'dist/shell'), { preload: 'preload/index.ts' });
  await buildMode('children', join(appFolder, 'dist/children'));
  await buildPage(join(appFolder, 'dist/renderer'));
}

async function buildMode(
  mode: 'shell' | 'children',
  outDir: string,
  input?: Record<string, string>,
): Promise<void> {
  const config = (await mainConfig({ mode, command: 'build' })) as InlineConfig;
  await build({
    ...config,
    root,
    mode,
    configFile: false,
    logLevel: 'warn',
    ...(mode === 'shell' && {
      plugins: [stand],
      define: { 'process.execPath': 'process.env.INTERNVL_TEST_NODE' },
    }),
    ...(mode === 'shell' && { ssr: { noExternal: true } }),
    build: {
      ...config.build,
      outDir,
      emptyOutDir: false,
      target: mode === 'shell' ? 'node16' : 'node22',
      // An external name would never be asked about, so the shim could not take its place.
      ...(mode === 'shell' && {
        rolldownOptions: { ...config.build?.rolldownOptions, external: [], ...(input && { input }) },
      }),
    },
  });
}

/** The page with a shim before its first line. */
async function buildPage(outDir: string): Promise<void> {
  const shim = {
    name: 'page-shim',
    transform: (code: string, id: string) =>
      id.endsWith('/renderer/main.tsx') ? `import ${JSON.stringify(here('./page-shim.js'))};\n${code}` : null,
  };
  await build({
    ...pageConfig,
    root: join(root, 'renderer'),
    configFile: false,
    logLevel: 'warn',
    plugins: [...(pageConfig.plugins ?? []), shim],
    build: { ...pageConfig.build, outDir, minify: false, target: 'chrome108' },
  });
}
