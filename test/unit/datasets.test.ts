/** Data sets in the forms they are published in, and answers scored by what their questions ask for. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { findBenchmark } from '../../native-models/evaluation/datasets/benchmarks.ts';
import { openDataset } from '../../native-models/evaluation/datasets/open-dataset.ts';
import type { Question } from '../../native-models/evaluation/datasets/question.ts';
import { readTsv } from '../../native-models/evaluation/datasets/read-tsv.ts';
import { scoreAnswer } from '../../native-models/evaluation/score-answer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const picture = Buffer.from('a picture that is longer than sixty-four characters once it is base64').toString(
  'base64',
);

async function open(t: TestContext, name: string, text: string): Promise<Question[]> {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, name), text);
  return Array.fromAsync(openDataset(join(folder, name)));
}

const tsv = (names: string[], ...rows: string[][]) =>
  [names, ...rows].map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join('\t')).join('\n');

test('every family of the card is known by its file’s name', () => {
  for (const [name, title] of [
    ['DocVQA_VAL.tsv', 'DocVQA'],
    ['InfoVQA_VAL.tsv', 'InfoVQA'],
    ['ChartQA_TEST.tsv', 'ChartQA'],
    ['TextVQA_VAL.tsv', 'TextVQA'],
    ['OCRBench.tsv', 'OCRBench'],
    ['MathVista_MINI.tsv', 'MathVista'],
    ['MMMU_DEV_VAL.tsv', 'MMMU'],
    ['BLINK.tsv', 'BLINK'],
    ['RealWorldQA.tsv', 'RealWorldQA'],
    ['MME.tsv', 'MME'],
    ['POPE.tsv', 'POPE'],
    ['RefCOCO_testA.tsv', 'RefCOCO'],
    ['MTVQA_TEST.tsv', 'MTVQA'],
    ['Video-MME.tsv', 'Video-MME'],
    ['ScreenSpot_Web.tsv', 'ScreenSpot'],
    ['VSI-Bench.tsv', 'VSI-Bench'],
    ['MMLU.tsv', 'MMLU'],
    ['GSM8K.tsv', 'GSM8K'],
  ] as const) {
    assert.equal(findBenchmark(name)?.title, title);
  }
  assert.equal(findBenchmark('mine.tsv'), null);
});

test('a row with choices asks for a letter, and a short picture value names another row’s', async (t) => {
  const text = tsv(
    ['index', 'image', 'question', 'A', 'B', 'answer', 'category'],
    ['0', picture, 'Which?', 'red', 'blue', 'B', 'colour'],
    ['1', '0', 'And here?', 'one', '', 'A', 'count'],
  );
  const [first, second] = await open(t, 'BLINK.tsv', text);
  assert.equal(
    first?.text,
    "Which?\nA. red\nB. blue\nAnswer with the option's letter from the given choices directly.",
  );
  assert.equal(scoreAnswer(first!, 'The answer is (B).'), 1);
  assert.equal(scoreAnswer(first!, 'A'), 0);
  assert.deepEqual(second?.media, [{ ...first!.media[0], name: '1.png' }]);
  assert.equal(second?.group, 'count');
});

test('boxes and clicks are asked for in the card’s words and scored in the picture', async (t) => {
  const names = ['index', 'image', 'question', 'bbox'];
  const [grounded] = await open(
    t,
    'RefCOCO_val.tsv',
    tsv(names, ['7', picture, 'the cat', '[0.1, 0.2, 0.5, 0.6]']),
  );
  assert.match(grounded!.text, /<ref>the cat<\/ref>/);
  assert.equal(scoreAnswer(grounded!, '<ref>the cat</ref><box>[[100, 200, 500, 600]]</box>'), 1);
  assert.equal(scoreAnswer(grounded!, '<ref>the cat</ref><box>[[600, 200, 900, 600]]</box>'), 0);
  assert.equal(scoreAnswer(grounded!, 'no box'), 0);
  const [clicked] = await open(
    t,
    'ScreenSpot.tsv',
    tsv(names, ['1', picture, 'close', '[0.1, 0.2, 0.5, 0.6]']),
  );
  assert.equal(scoreAnswer(clicked!, 'pyautogui.click(x=0.2346, y=0.381)'), 1);
  assert.equal(scoreAnswer(clicked!, 'pyautogui.click(x=0.9, y=0.381)'), 0);
});

test('films are sampled, and numbers of space are scored by distance unless there are choices', async (t) => {
  const names = ['index', 'video', 'question', 'A', 'B', 'answer'];
  const [far, choice] = await open(
    t,
    'VSI-Bench.tsv',
    tsv(names, ['1', 'room', 'How far?', '', '', '2.0'], ['2', 'room', 'Which?', 'left', 'right', 'A']),
  );
  assert.equal(far?.frames, 32);
  assert.equal(scoreAnswer(far!, '2.1'), 0.9);
  assert.equal(choice?.metric, 'choiceLetter');
  assert.match(JSON.stringify(far?.media), /room\.mp4/);
});

test('the official files of DocVQA, TextVQA, ChartQA and OCRBench are read as they are', async (t) => {
  const doc = { data: [{ questionId: 5, question: 'Date?', image: 'documents/a.png', answers: ['1 May'] }] };
  assert.equal((await open(t, 'docvqa_val_v1.0.json', JSON.stringify(doc)))[0]?.metric, 'anls');
  const chart = [{ imgname: 'a.png', query: 'How many?', label: 5 }];
  const [how] = await open(t, 'chartqa_test_human.json', JSON.stringify(chart));
  assert.equal(scoreAnswer(how!, '5.2'), 1);
  const textVqa = {
    data: [{ question_id: 1, question: 'Brand?', image_id: 'x', answers: Array(10).fill('nokia') }],
  };
  assert.equal(
    scoreAnswer((await open(t, 'TextVQA_0.5.1_val.json', JSON.stringify(textVqa)))[0]!, 'Nokia'),
    1,
  );
  const ocr = [
    { image_path: 'a.jpg', question: 'Text?', answers: 'hello', type: 'Regular Text Recognition' },
  ];
  assert.equal((await open(t, 'OCRBench.json', JSON.stringify(ocr)))[0]?.answers[0], 'hello');
  await assert.rejects(open(t, 'docvqa.json', '{"data": 1}'), { code: 'media_broken' });
});

test('one’s own questions are a line each, and wrong lines are named', async (t) => {
  const [question] = await open(
    t,
    'mine.jsonl',
    '\n{"question": "Total?", "media": "r.png", "answers": "84.78"}\n',
  );
  assert.equal(scoreAnswer(question!, ' 84.78 '), 1);
  await assert.rejects(
    open(t, 'mine.jsonl', '{"question": "x", "answers": []}'),
    /Line 1 .* answers are missing/,
  );
  await assert.rejects(open(t, 'mine.jsonl', '{"question": "x", "metric": "boxIou"}'), /a box is missing/);
  await assert.rejects(open(t, 'mine.jsonl', 'nonsense'), /not valid JSON/);
  await assert.rejects(open(t, 'mine.csv', 'a,b'), { code: 'media_unsupported' });
});

test('a data set can’t name files outside its folder', async (t) => {
  for (const media of ['../secret.png', '/etc/passwd', 'a/../../b.png']) {
    const line = JSON.stringify({ question: 'x', media, answers: 'y' });
    await assert.rejects(open(t, 'mine.jsonl', line), { code: 'path_refused' });
  }
});

test('thoughts are no answers', () => {
  const question = { metric: 'exactMatch' as const, answers: ['4'], box: null };
  assert.equal(scoreAnswer(question, '<think>3?</think> 4'), 1);
  assert.equal(scoreAnswer(question, '<think>4'), 0);
});

test('quoted fields survive tabs, quotes, line breaks and any cut of the stream', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', '\t', '\n', '\r', 'é', ' ') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      async (rows, cuts) => {
        const text = tsv(['x', 'y'], ...rows);
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        const chunks = places.slice(1).map((end, at) => text.slice(places[at], end));
        const read = await Array.fromAsync(
          readTsv(
            (async function* () {
              yield* chunks;
            })(),
          ),
        );
        assert.deepEqual(
          read.map(({ x, y }) => [x, y]),
          rows.map(([x, y]) => [x, y]),
        );
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

test('a file that ends inside quotes is broken', async () => {
  const cut = async function* () {
    yield 'x\ty\n"abc';
  };
  await assert.rejects(Array.fromAsync(readTsv(cut())), { code: 'media_broken' });
});
