/** Pictures that broke other readers, through a real media process: each ends in pixels or in an error with a name. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Answers, askEverything, startMedia } from '../support/media-under-test.ts';
import { type PythonSource, pillowSource, unpackPythonSource } from '../support/python-sources.ts';

interface Corpus extends PythonSource {
  folder: string;
  /** Files in that folder of the distribution. */
  files: number;
  /** Those of which a picture must come at least. */
  readable: number;
}

const corpora: Corpus[] = [
  {
    ...pillowSource,
    folder: 'Tests/images',
    files: 1060,
    readable: 500,
  },
  {
    name: 'pillow_heif',
    version: '1.8.1',
    sha256: '521ebffb8a181d56c3904e5a61f20903edee0d9d3275967b8fb345f866215c06',
    folder: 'tests/images',
    files: 75,
    readable: 40,
  },
];

/** reliability.md T10; a HEIC of 33 megapixels takes its decoder eight seconds of one core. */
const slowestMs = { p99: 2_000, any: 30_000 };

describe('pictures of other readers’ tests', () => {
  for (const corpus of corpora) {
    it(`of ${corpus.name} are all answered, and the process outlives them`, async (t) => {
      const root = join(await unpackPythonSource(corpus), corpus.folder);
      const paths = await listFiles(root);
      assert.equal(paths.length, corpus.files);
      await using child = startMedia();
      const outcomes = new Map<string, string[]>();
      const elapsedMs: { path: string; ms: number }[] = [];
      for (const path of paths) {
        const startedMs = performance.now();
        const answers = await askEverything(child.media, { path });
        elapsedMs.push({ path, ms: (performance.now() - startedMs) / countAsked(answers) });
        const outcome = `${answers.inspect} → ${answers.picture}`;
        outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), relative(root, path)]);
        assert.deepEqual(child.deaths, [], `the process died of ${relative(root, path)}`);
      }
      const { peakRssBytes } = await child.media.describeProcess({});
      report(t, { outcomes, elapsedMs, peakRssBytes });
      assert.ok((outcomes.get('picture → fine')?.length ?? 0) >= corpus.readable);
      const sorted = elapsedMs.map(({ ms }) => ms).sort((a, b) => a - b);
      assert.ok(sorted[Math.floor(sorted.length * 0.99)]! <= slowestMs.p99 || corpus.name === 'pillow_heif');
      assert.ok(sorted.at(-1)! <= slowestMs.any);
    });
  }
});

function countAsked(answers: Answers): number {
  return Object.values(answers).filter((answer) => answer !== '').length;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function report(
  t: TestContext,
  found: {
    outcomes: Map<string, string[]>;
    elapsedMs: { path: string; ms: number }[];
    peakRssBytes: number;
  },
): void {
  for (const [outcome, files] of found.outcomes) t.diagnostic(`${outcome}: ${files.length}`);
  const sorted = found.elapsedMs.toSorted((a, b) => a.ms - b.ms);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)]?.ms ?? 0);
  const slowest = sorted.slice(-3).map(({ path, ms }) => `${path.split('/').at(-1)} ${Math.round(ms)} ms`);
  t.diagnostic(`a request: median ${at(0.5)} ms, p99 ${at(0.99)} ms; slowest ${slowest.join(', ')}`);
  t.diagnostic(`peak memory of the process: ${Math.round(found.peakRssBytes / 1e6)} MB`);
}
