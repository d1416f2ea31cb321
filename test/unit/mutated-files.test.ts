/** Two hundred damaged files of every format: each gives pixels or text, or an error from the list. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createRandom } from '../../native-models/inference/random.ts';
import { type Outcome, readAnyFile } from '../support/read-any-file.ts';
import { readPdfWithoutThread, readPhotoWithoutThread } from '../support/read-without-thread.ts';
import { listSampleFormats, type Sample } from '../support/sample-formats.ts';

const seed = 4;
const mutants = 200;

const readers: Record<string, (sample: Sample) => Promise<Outcome>> = {
  heic: ({ bytes }) => readPhotoWithoutThread(bytes),
  pdf: ({ bytes }) => readPdfWithoutThread(bytes),
};

for (const format of listSampleFormats()) {
  test(`${format.name}: whole samples are read, damaged ones give their content or an error by name`, async (t) => {
    assert.ok(format.samples.length > 0);
    t.mock.method(console, 'log', () => {}); // libheif's wrapper comments on every damaged file
    const content = (outcome: Outcome) => outcome === 'pixels' || outcome === 'text';
    for (const sample of format.samples) assert.ok(content(await readAnyFile(sample)), sample.name);

    const random = createRandom(seed);
    const damaged = Array.from({ length: mutants }, () => format.mutant(random));
    const read = readers[format.name] ?? readAnyFile;
    const counts: Partial<Record<Outcome, number>> = {};
    for (const sample of damaged) {
      const outcome = await read(sample);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
    const unharmed = (counts.pixels ?? 0) + (counts.text ?? 0);
    assert.ok(unharmed > 0, 'some damage does no harm');
    assert.ok(unharmed < mutants, 'some is noticed');
  });
}
