/** Builds what Electron runs: `--mode shell` main and preload, `--mode children` the processes beside it. */
import { basename } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Threads that children start from a file of their own. */
const threads = {
  'check-database-thread': 'main/service/store/check-database-thread.ts',
  'film-worker': 'native-models/media/film/film-worker.ts',
  'heic-worker': 'native-models/media/heic/heic-worker.ts',
  'pdf-worker': 'native-models/media/pdf/pdf-worker.ts',
  'repair-thread': 'main/service/store/repair-thread.ts',
};

/** Packages with binaries, WebAssembly or fonts beside their code: they stay packages. */
const keptPackages = [
  'better-sqlite3',
  'onnxruntime-node',
  'sharp',
  '@embedpdf/pdfium',
  '@mlc-ai/web-xgrammar',
  'jv4-decoder',
  'libheif-js',
  'ogv',
];

/** In one flat folder a thread lies beside whoever starts it. */
const flatThreads: Plugin = {
  name: 'flat-threads',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('.ts')
      ? code.replaceAll(
          /new URL\('(\.[^']*)\.ts', import\.meta\.url\)/g,
          (_, path: string) => `new URL('./${basename(path)}.mjs', import.meta.url)`,
        )
      : null,
};

/** CommonJS, as a sandboxed preload script and an archive want it. */
const shell = {
  input: { index: 'main/index.ts', preload: 'preload/index.ts' },
  output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
} as const;

/** ES modules: threads and entries wait at their top, and find their packages' files by `import.meta`. */
const children = {
  input: {
    service: 'main/service/entry.ts',
    engine: 'native-models/process/engine-entry.ts',
    media: 'native-models/process/media-entry.ts',
    convert: 'native-models/process/convert-entry.ts',
    probe: 'native-models/process/probe-entry.ts',
    ...threads,
  },
  output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
} as const;

export default defineConfig(({ mode }) => ({
  plugins: mode === 'children' ? [flatThreads] : [],
  ssr: { noExternal: true, external: ['electron', ...keptPackages] },
  build: {
    ssr: true,
    target: 'node22',
    outDir: mode === 'children' ? 'dist/children' : 'dist/shell',
    emptyOutDir: true,
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      ...(mode === 'children' ? children : shell),
      external: ['electron', ...keptPackages.map((name) => new RegExp(`^${name}(/|$)`))],
    },
  },
}));
