/** PDFs that broke other readers, whole and mutated: every one ends in pages or in an error with a name. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openPdf } from '../../native-models/media/pdf-document.ts';
import { appErrorCodes } from '../../preload/contract/errors.ts';
import { makePdf, showText } from '../support/make-pdf.ts';
import { askEverything, startMedia } from '../support/media-under-test.ts';
import { unpackPythonSource } from '../support/python-sources.ts';

const sources = [
  {
    name: 'pikepdf',
    version: '10.17.0',
    sha256: 'de4ccaae83628e86c1fd473b384c09c6ff1dd35a583a8dacbf61d2aa4bea843b',
  },
  {
    name: 'pypdf',
    version: '7.1.0',
    sha256: 'ca3fa902369e98a6d2cb7b56396de902b72ef9bb3c1e8706c1bfc7d8bd0cf0d7',
  },
];
const tiles = { maxTiles: 12, tileSize: 448 };
const pagesOfEach = 3;

interface Tally {
  outcomes: Record<string, number>;
  renderMs: number[];
}

async function readCorpus(): Promise<{ name: string; bytes: Uint8Array }[]> {
  const folders = await Promise.all(sources.map(unpackPythonSource));
  const files = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.toLowerCase().endsWith('.pdf')) continue;
      files.push({ name: entry.name, bytes: await readFile(join(entry.parentPath, entry.name)) });
    }
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Counts what comes of the file and of its first pages. */
async function readWhole(bytes: Uint8Array, { outcomes, renderMs }: Tally): Promise<void> {
  const count = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const codeOf = (error: { code: never; message: string }) => {
    assert.ok(appErrorCodes.includes(error.code) && error.code !== 'internal', String(error));
    return error.code;
  };
  let pdf: Awaited<ReturnType<typeof openPdf>>;
  try {
    pdf = await openPdf(bytes);
  } catch (error) {
    count(`file: ${codeOf(error as never)}`);
    return;
  }
  count('file: opened');
  for (let page = 1; page <= Math.min(pagesOfEach, pdf.pages.length); page++) {
    try {
      const started = performance.now();
      await pdf.renderPage(page, tiles);
      renderMs.push(performance.now() - started);
      const { hasTextLayer } = await pdf.pageText(page);
      count(`page: ${hasTextLayer ? 'with text' : 'picture only'}`);
    } catch (error) {
      count(`page: ${codeOf(error as never)}`);
    }
  }
  await pdf.close();
}

function report(t: TestContext, { outcomes, renderMs }: Tally): void {
  const sorted = renderMs.toSorted((a, b) => a - b);
  const [median, most] = [0.5, 0.95].map((share) =>
    Math.round(sorted[Math.floor(sorted.length * share)] ?? 0),
  );
  t.diagnostic(JSON.stringify(outcomes));
  t.diagnostic(
    `a page at 12 tiles: median ${median} ms, p95 ${most} ms, longest ${Math.round(sorted.at(-1) ?? 0)} ms`,
  );
}

describe('the PDFs of pikepdf and pypdf', async () => {
  const corpus = await readCorpus();

  it('are all answered', async (t) => {
    const tally: Tally = { outcomes: {}, renderMs: [] };
    assert.equal(corpus.length, 133);
    for (const { bytes } of corpus) await readWhole(bytes, tally);
    report(t, tally);
    assert.ok(tally.outcomes['file: opened']! >= 100);
  });

  it('are all answered by a real media process, which outlives them', async (t) => {
    await using child = startMedia();
    const outcomes: Record<string, number> = {};
    for (const { name, bytes } of corpus) {
      const { inspect, picture, lastPage, text } = await askEverything(child.media, { bytes, name });
      const outcome = [inspect, picture, lastPage, text].filter((answer) => answer !== '').join(', ');
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      assert.deepEqual(child.deaths, [], `the process died of ${name}`);
    }
    t.diagnostic(JSON.stringify(outcomes));
    const { peakRssBytes } = await child.media.describeProcess({});
    t.diagnostic(`peak memory of the process: ${Math.round(peakRssBytes / 1e6)} MB`);
  });

  it('open by user or owner password in every revision of encryption', async () => {
    const keys: [file: string, ...passwords: string[]][] = [
      ['r2-user-password.pdf', 'asdfzxcv'], // RC4, 40 bits
      ['r3-user-password.pdf', 'asdfzxcv'], // RC4, 128 bits
      ['r4-user-password.pdf', 'asdfzxcv'],
      ['r4-aes-user-password.pdf', 'asdfzxcv'], // AES, 128 bits
      ['r5-user-password.pdf', 'asdfzxcv'], // AES, 256 bits
      ['r6-user-password.pdf', 'asdfzxcv'],
      ['r6-both-passwords.pdf', 'foo', 'bar'],
    ];
    for (const [file, ...passwords] of keys) {
      const { bytes } = corpus.find(({ name }) => name === file)!;
      await assert.rejects(openPdf(bytes, { password: 'wrong' }), /password doesn't open/);
      for (const password of passwords) {
        const pdf = await openPdf(bytes, { password });
        assert.ok((await pdf.pageText(1)).hasTextLayer, file);
        await pdf.close();
      }
    }
  });

  it('are all answered after some of their bytes were changed', async (t) => {
    const tally: Tally = { outcomes: {}, renderMs: [] };
    let seed = 4;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
      return Math.floor((seed / 2 ** 32) * below);
    };
    const small = corpus.filter(({ bytes }) => bytes.length < 100_000);
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from(small[random(small.length)]!.bytes);
      const changes = 1 + random(20);
      for (let change = 0; change < changes; change++) bytes[random(bytes.length)] = random(256);
      const cut = random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      await readWhole(cut.length > 0 ? cut : bytes, tally);
    }
    report(t, tally);
  });
});

describe('memory', () => {
  it('is given back when a PDF is closed', async (t) => {
    const bytes = makePdf([{ content: showText('memory', 20, 50) }]);
    const openAndClose = async () => {
      const pdf = await openPdf(bytes);
      await pdf.renderPage(1, { width: 4000, height: 4000 }); // 48 MB of pixels, twice
      await pdf.close();
    };
    const settledMegabytes = async () => {
      await setTimeout(500);
      globalThis.gc?.();
      await setTimeout(500);
      return Math.round(process.memoryUsage().rss / 1e6);
    };
    for (let round = 0; round < 5; round++) await openAndClose();
    const before = await settledMegabytes();
    for (let round = 0; round < 50; round++) await openAndClose();
    const after = await settledMegabytes();
    t.diagnostic(`${before} MB after 5 rounds, ${after} MB after 55`);
    assert.ok(after <= before + 100, `${before} MB → ${after} MB`);
  });
});
