/** What the documents name exists: links, pictures, paths, files, npm scripts, commands and benchmarks. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import test from 'node:test';
import { parseArguments } from '../../main/cli/parse-arguments.ts';

const root = join(import.meta.dirname, '..', '..');
const rooms = ['assets', 'docs', 'main', 'native-models', 'packaging', 'preload', 'renderer', 'test'];
const tree = [
  ...readdirSync(root),
  ...rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)),
  ),
].map((path) => `/${path.replaceAll(sep, '/')}`);
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
    .scripts,
);

const documents = [
  ...globSync('*.md', { cwd: root }),
  ...globSync(['docs/*.md', 'native-models/reference/**/README.md'], { cwd: root }),
];

function isCommand(name: string): boolean {
  try {
    return parseArguments([name, '--help']).kind === 'help';
  } catch {
    return false;
  }
}

/** Everything of one kind that a text names; of a pattern's groups the first that matched. */
function named(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match.slice(1).find((group) => group !== undefined)!);
}

/** What a document names and the tree lacks. @param folder of the document, from the root */
function findMissing(text: string, folder: string): string[] {
  const links = named(text, /\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)|(?:src|srcset)="([^"]+)"/gm)
    .filter((target) => !/^(https?:|#)/.test(target))
    .filter((target) => !existsSync(join(root, folder, target.replace(/#.*/, ''))));
  const code = named(text, /`([^`\n]+)`/g);
  const paths = code
    .filter((words) => /^[\w.@{},*/-]+$/.test(words) && rooms.includes(words.split('/')[0]!))
    .filter((path) => path.includes('/') && !/^docs\/.*\//.test(path)) // deeper ones are other projects'
    .filter((path) => globSync(path, { cwd: root }).length === 0);
  const files = code
    .filter((words) => /^([\w.-]+\/)*[\w-]+(\.\w+)*\.tsx?$|^[\w-]+\.py$/.test(words))
    .filter((name) => !tree.some((path) => path.endsWith(`/${name}`)));
  const runs = named(text, /npm run (?:--silent )?([a-z][a-z:-]*)/g).filter(
    (name) => !scripts.includes(name),
  );
  const programs = named(text, /(?:^|`)node ([\w./-]+)/gm).filter((path) => !existsSync(join(root, path)));
  const asked = named(text, /\bcli -- ([a-z]+)/g).filter((command) => !isCommand(command));
  const measured = named(text, /npm run bench -- ([a-z-]+)/g).filter(
    (name) => !tree.includes(`/test/bench/${name}.ts`),
  );
  return [...links, ...paths, ...files, ...runs, ...programs, ...asked, ...measured];
}

for (const document of documents)
  test(`${document} names nothing that is not there`, () => {
    assert.deepEqual(findMissing(readFileSync(join(root, document), 'utf8'), dirname(document)), []);
  });

test('whatever is missing is found (negative control)', () => {
  const text = [
    '[good](decisions.md#a) [bad](gone.md) [far](https://example.org/gone.md)',
    '[b]: ../test/unit/gone.test.ts',
    '<img src="screenshots/gone.png">',
    '`main/gone/{a,b}.ts` `test/unit/docs-*.test.ts` `native-models/gone` `gone.ts` `unit/gone.ts` `unit/docs-links.test.ts` `docs-links.test.ts`',
    'npm run gone, `npm run --silent cli -- vanish`, `npm run bench -- nothing`',
    'node main/gone.ts',
  ].join('\n');
  assert.deepEqual(findMissing(text, 'docs'), [
    ...['gone.md', '../test/unit/gone.test.ts', 'screenshots/gone.png'],
    ...['main/gone/{a,b}.ts', 'native-models/gone', 'gone.ts', 'unit/gone.ts'],
    ...['gone', 'main/gone.ts', 'vanish', 'nothing'],
  ]);
});
