/** Holds the table of who may import whom (docs: ARCHITECTURE.md, borders). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A room, the packages it may name (`node:` stands for all of Node's), and the rooms it may reach. */
interface Room {
  path: string;
  packages: string[];
  rooms: string[];
}

/** First match wins, so narrow rooms come before wide ones. */
const rooms: Room[] = [
  ...['chat', 'conversations', 'models', 'palette', 'settings', 'viewer'].map(featureRoom),
  {
    path: 'renderer',
    packages: [...pagePackages(), 'zod'],
    rooms: ['renderer', 'preload/contract', 'preload/bridge.ts'],
  },
  { path: 'preload/contract', packages: ['zod'], rooms: ['preload/contract'] },
  {
    path: 'main/service/store',
    packages: ['better-sqlite3', 'better-sqlite3-multiple-ciphers', 'fflate', 'zod', 'node:'],
    rooms: ['main/service/store', 'main/service/vault.ts', 'preload/contract'],
  },
  {
    path: 'main/service/api-server',
    packages: ['hono', '@hono/node-server', 'zod', 'node:'],
    rooms: ['main/service/api-server', 'native-models/process', 'preload/contract'],
  },
  {
    path: 'main/service',
    packages: ['zod', 'node:'],
    // The asking side of a border is the supervisor's, and the service asks the other processes as everybody does.
    rooms: ['main/service', 'main/supervisor/connect-client.ts', 'native-models/process', 'preload/contract'],
  },
  {
    path: 'native-models/process',
    packages: ['zod', 'node:'],
    rooms: ['native-models', 'preload/contract'],
  },
  {
    path: 'native-models',
    packages: [
      'onnxruntime-node',
      'sharp',
      '@huggingface/tokenizers',
      'protobufjs',
      '@embedpdf/pdfium',
      'libheif-js',
      'mediabunny',
      'jv4-decoder',
      'ogv',
      '@mlc-ai/web-xgrammar',
      'fflate',
      'hyparquet',
      'zod',
      'node:',
    ],
    rooms: ['native-models', 'preload/contract/errors.ts'],
  },
  ...['main/index.ts', 'main/shell', 'main/hosts/ipc.ts', 'main/supervisor/spawn-utility-child.ts'].map(
    (path) => ({
      path,
      packages: ['electron', 'zod', 'node:'],
      rooms: ['main', 'preload/contract', 'native-models/process'],
    }),
  ),
  { path: 'preload/index.ts', packages: ['electron'], rooms: ['preload'] },
  {
    path: 'main/hosts',
    packages: ['zod', 'node:'],
    rooms: [
      'main/hosts',
      'main/supervisor',
      'native-models/process',
      'preload/contract',
      ...hostExceptions(),
    ],
  },
  {
    path: 'main/supervisor',
    packages: ['node:'],
    rooms: ['main/supervisor', 'native-models/process', 'preload/contract'],
  },
  {
    path: 'main/cli',
    packages: ['node:', 'zod'],
    rooms: ['main', 'native-models/process', 'preload/contract', ...cliExceptions()],
  },
];

/** A feature never imports another feature: what crosses them is a prop, and app.tsx composes. */
function featureRoom(name: string): Room {
  const own = `renderer/features/${name}`;
  return {
    path: own,
    packages: pagePackages(),
    rooms: [
      own,
      'renderer/ui',
      'renderer/api.ts',
      'renderer/app-events.ts',
      'renderer/app-state.ts',
      'preload/contract',
      // Read what is in an answer: text in, text out, and the same for the page as for the benchmarks.
      ...(name === 'chat'
        ? ['grounding', 'gui-action', 'thinking'].map((what) => `native-models/text/${what}-parser.ts`)
        : []),
    ],
  };
}

/** Everything a page is drawn with; nothing of Node or Electron. */
function pagePackages(): string[] {
  const drawing = ['react', 'react-dom', '@mantine', '@tabler/icons-react', 'virtua', 'use-stick-to-bottom'];
  const words = ['i18next', 'react-i18next', 'react-markdown', 'remark-gfm', 'remark-math', 'rehype-katex'];
  return [...drawing, ...words, 'rehype-highlight', 'highlight.js', 'remend', 'katex', 'fflate'];
}

/** What a host takes from its neighbours: the folder's name, its lock, and the contract between host and service. */
function hostExceptions(): string[] {
  return [
    'main/cli/app-folders.ts',
    'main/service/models/folder-lock.ts',
    'main/service/host-contract.ts',
    'main/shell/sender-policy.ts',
  ];
}

/** What the CLI takes from the library besides process clients: types, constants and text work that start nothing. */
function cliExceptions(): string[] {
  return [
    'native-models/evaluation',
    'native-models/conversion/recipe-version.ts',
    'native-models/inference/generation-types.ts',
    'native-models/media/tiles.ts',
  ];
}

interface Import {
  from: string;
  target: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const pattern =
    /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    from: file,
    target: (match[1] ?? match[2] ?? match[3])!,
  }));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Why an import breaks the table, or null. */
function breach({ from, target }: Import): string | null {
  const room = rooms.find(({ path }) => from === path || from.startsWith(`${path}/`));
  if (!room) return `${from} lies in no room of the table`;
  if (target.startsWith('.')) {
    const reached = relative(root, join(root, dirname(from), target))
      .split(sep)
      .join('/');
    const allowed = room.rooms.some((path) => reached === path || reached.startsWith(`${path}/`));
    return allowed ? null : `${from} may not import ${reached}`;
  }
  const allowed = room.packages.some((name) =>
    name === 'node:' ? target.startsWith('node:') : target === name || target.startsWith(`${name}/`),
  );
  return allowed ? null : `${from} may not import ${target}`;
}

test('every import stays within its room’s borders', () => {
  const files = ['preload', 'native-models', 'main', 'renderer'].flatMap(sourceFiles);
  assert.ok(files.length > 50, 'the product was found');
  const breaches = files
    .flatMap(importsOf)
    .map(breach)
    .filter((reason) => reason !== null);
  assert.deepEqual(breaches, []);
});

test('the table refuses what it must (negative control)', () => {
  const forbidden: Import[] = [
    { from: 'native-models/inference/generate.ts', target: 'electron' },
    { from: 'native-models/inference/generate.ts', target: 'better-sqlite3' },
    { from: 'native-models/media/tiles.ts', target: '../../main/cli/index.ts' },
    { from: 'preload/contract/define.ts', target: 'node:fs' },
    { from: 'preload/contract/define.ts', target: '../../native-models/index.ts' },
    { from: 'main/cli/ask.ts', target: '../../native-models/inference/generate.ts' },
    { from: 'renderer/features/chat/composer.tsx', target: '../conversations/sidebar.tsx' },
    { from: 'renderer/features/viewer/viewer.tsx', target: '../../../main/service/compose.ts' },
    { from: 'renderer/app.tsx', target: 'node:fs' },
    { from: 'main/hosts/http.ts', target: 'electron' },
    { from: 'main/service/entry.ts', target: 'electron' },
    { from: 'main/hosts/app-host.ts', target: '../service/store/open-store.ts' },
    { from: 'preload/index.ts', target: 'node:fs' },
    { from: 'elsewhere/file.ts', target: 'node:fs' },
  ];
  for (const entry of forbidden) assert.notEqual(breach(entry), null, `${entry.from} → ${entry.target}`);
});

test('imports are found in every form they are written in (negative control of the reader)', () => {
  const found = importsOf('test/unit/imports.test.ts').map(({ target }) => target);
  assert.ok(found.includes('node:fs') && found.includes('node:test'));
});
