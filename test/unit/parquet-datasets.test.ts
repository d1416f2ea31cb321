/** The card's benchmarks as the Hub publishes them: Parquet files by pyarrow (native-models/reference/parquet_fixtures.py). */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openDataset } from '../../native-models/evaluation/datasets/open-dataset.ts';
import type { Media, Question } from '../../native-models/evaluation/datasets/question.ts';
import { scoreAnswer } from '../../native-models/evaluation/score-answer.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = join(import.meta.dirname, '../golden/datasets');
const open = (name: string): Promise<Question[]> => Array.fromAsync(openDataset(join(folder, name)));

/** The grey of an 8 × 8 picture. */
async function greyOf(media: Media | undefined): Promise<number> {
  assert.ok(media?.kind === 'bytes');
  const picture = await decodePicture({ bytes: media.bytes });
  assert.deepEqual([picture.width, picture.height], [8, 8]);
  return picture.pixels[0]!;
}

test('rows come in order over several groups of rows, each with its picture and all its answers', async () => {
  const questions = await open('docvqa');
  assert.equal(questions.length, 5);
  for (const [at, { id, text, answers, media, metric, maxTiles }] of questions.entries()) {
    assert.deepEqual([id, metric, maxTiles], [`${at}`, 'anls', 18]);
    assert.match(text, new RegExp(`^What is number ${at}\\?\\nAnswer the question using`));
    assert.deepEqual(answers, [`${at}`, `"${at}", they say`]);
    assert.equal(await greyOf(media[0]), at);
  }
});

test('MathVista asks its own query, by letters where it has choices', async () => {
  const [angle, length] = await open('mathvista/testmini-00000-of-00001.parquet');
  assert.equal(angle?.text, 'Hint: …\nQuestion: Which angle?');
  assert.deepEqual([angle?.metric, angle?.answers, angle?.choices], ['choiceLetter', ['B'], ['90°', '145°']]);
  assert.equal(await greyOf(angle?.media[0]), 1);
  assert.equal(length?.text, 'How long is it?');
  assert.equal(scoreAnswer(length!, 'It is 1.20'), 1);
});

test('MMMU’s and BLINK’s pictures come in the order of their columns, with choices and letters', async () => {
  const [compare] = await open('mmmu');
  assert.match(compare!.text, /^Compare <Image-1> and <Image-2>\.\nA\. first\nB\. second\n/);
  assert.deepEqual([compare?.media.length, await greyOf(compare?.media[1])], [2, 2]);
  assert.equal(scoreAnswer(compare!, 'B'), 1);
  const [counting] = await open('blink');
  assert.deepEqual([counting?.answers, counting?.group, counting?.media.length], [['B'], 'Counting', 1]);
  assert.match(counting!.text, /A\. 0\nB\. 3/);
});

test('places: RefCOCO’s box in pixels by its first phrase, ScreenSpot’s in shares', async () => {
  const [horse] = await open('refcoco');
  assert.deepEqual([horse?.box, horse?.boxUnit], [[10.5, 20, 40.5, 60], 'pixel']);
  assert.match(horse!.text, /<ref>the left horse<\/ref>/);
  const [close] = await open('screenspot');
  assert.deepEqual([close?.box, close?.boxUnit, close?.group], [[0.1, 0.2, 0.3, 0.4], 'share', 'icon']);
  assert.match(close!.text, /close this window$/);
});

test('POPE, films, and benchmarks of text alone', async () => {
  const [pope] = await open('pope');
  assert.deepEqual([pope?.metric, pope?.answers, pope?.group], ['yesNo', ['yes'], 'adversarial']);
  const [film] = await open('video-mme');
  assert.ok(film?.media[0]?.kind === 'path');
  assert.match(film.media[0].path, /video-mme\/fFjv93ACGo8\.mp4$/);
  assert.deepEqual([film.answers, film.choices, film.frames], [['B'], ['One.', 'Two.'], 32]);
  const [eggs] = await open('gsm8k');
  assert.deepEqual([eggs?.answers, eggs?.metric], [['13'], 'lastNumber']);
  const [prime] = await open('mmlu');
  assert.deepEqual(
    [prime?.answers, prime?.group, prime?.choices],
    [['C'], 'number_theory', ['4', '6', '7', '9']],
  );
});

test('a file cut off anywhere, or with a changed byte at its end, is said to be no whole one', async (t) => {
  const whole = await readFile(join(folder, 'docvqa/validation-00000-of-00001.parquet'));
  const refused = { code: 'media_broken', message: /no whole Parquet file/ };
  for (const size of [0, 3, 11, 200, Math.floor(whole.length / 2), whole.length - 1]) {
    await assert.rejects(openBytes(t, whole.subarray(0, size)), refused, `${size} bytes`);
  }
  const lying = Buffer.from(whole);
  lying.writeUInt32LE(0xffffffff, whole.length - 8);
  await assert.rejects(openBytes(t, lying), refused);
});

test('a folder of several splits is not mixed', async (t) => {
  const mixed = join(await temporaryFolder(t), 'docvqa');
  await mkdir(mixed);
  const source = join(folder, 'docvqa/validation-00000-of-00001.parquet');
  for (const split of ['train', 'validation'])
    await copyFile(source, join(mixed, `${split}-00000-of-00001.parquet`));
  await assert.rejects(Array.fromAsync(openDataset(mixed)), {
    code: 'media_unsupported',
    message: /several splits: train, validation/,
  });
});

async function openBytes(t: TestContext, bytes: Uint8Array): Promise<Question[]> {
  const place = join(await temporaryFolder(t), 'docvqa');
  await mkdir(place);
  await writeFile(join(place, 'validation.parquet'), bytes);
  return Array.fromAsync(openDataset(place));
}
