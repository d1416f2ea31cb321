/** Twenty thousand damaged files of every format through a real media process, which has to outlive them all. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../native-models/inference/random.ts';
import { openPicture, readText } from '../../native-models/process/media-client.ts';
import type { MediaClient } from '../../native-models/process/media-contract.ts';
import { type MediaUnderTest, smallTiles, startMedia } from '../support/media-under-test.ts';
import { requireNamedError } from '../support/read-any-file.ts';
import { readPdfWithoutThread, readPhotoWithoutThread } from '../support/read-without-thread.ts';
import { listSampleFormats, type Sample, type SampleFormat } from '../support/sample-formats.ts';

const mutants = 20_000;
/** Of the formats that take a thread for each file, so many go through the process, and all of them without thread. */
const mutantsWithThread = 3_000;
const withoutThread: Record<string, (bytes: Uint8Array) => Promise<string>> = {
  heic: readPhotoWithoutThread,
  pdf: readPdfWithoutThread,
};
const atOnce = 4;
const slowestMs = 25_000;
const textFormats = ['docx', 'pptx', 'xlsx', 'csv', 'txt'];

describe('damaged files', () => {
  for (const [index, format] of listSampleFormats().entries()) {
    it(`of ${format.name} are all answered`, async (t) => {
      await using child = startMedia();
      const seed = 1_000 + index;
      const { outcomes, longestMs } = await askAll(child, format, seed);
      const { peakRssBytes } = await child.media.describeProcess({});
      t.diagnostic(`seed ${seed}: ${JSON.stringify(outcomes)}`);
      t.diagnostic(`longest ${Math.round(longestMs)} ms, peak memory ${Math.round(peakRssBytes / 1e6)} MB`);
      assert.deepEqual(child.deaths, []);
      const { fine = 0, media_broken = 0, media_unsupported = 0 } = outcomes;
      assert.ok(fine > 0 && media_broken + media_unsupported > 0);
      assert.ok(longestMs < slowestMs);
    });
    const read = withoutThread[format.name];
    if (!read) continue;
    it(`of ${format.name} are all answered by their reader`, async (t) => {
      t.mock.method(console, 'log', () => {}); // libheif's wrapper comments on every damaged file
      const random = createRandom(2_000 + index);
      const outcomes: Record<string, number> = {};
      for (let number = 0; number < mutants; number++) {
        const outcome = await read(format.mutant(random).bytes);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
      t.diagnostic(JSON.stringify(outcomes));
    });
  }
});

interface Tally {
  outcomes: Record<string, number>;
  longestMs: number;
}

async function askAll({ media }: MediaUnderTest, format: SampleFormat, seed: number): Promise<Tally> {
  const random = createRandom(seed);
  const tally: Tally = { outcomes: {}, longestMs: 0 };
  const toAsk = withoutThread[format.name] ? mutantsWithThread : mutants;
  let asked = 0;
  const askSome = async () => {
    while (asked < toAsk) {
      const number = asked++;
      const sample = format.mutant(random);
      const startedMs = performance.now();
      const outcome = await outcomeOf(media, format.name, sample).catch((error: unknown) => {
        throw new Error(`mutant ${number} of seed ${seed}, ${sample.name}`, { cause: error });
      });
      tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
      tally.longestMs = Math.max(tally.longestMs, performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, askSome));
  return tally;
}

async function outcomeOf(media: MediaClient, format: string, source: Sample): Promise<string> {
  try {
    if (textFormats.includes(format)) assert.ok(await readText(media, { source, part: {} }));
    else assert.ok(await openPicture(media, { source, ...smallTiles }));
    return 'fine';
  } catch (error) {
    const code = requireNamedError(error);
    assert.notEqual(code, 'child_gone');
    return code;
  }
}
