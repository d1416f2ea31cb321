/** One reader for each family of the card, the held-out set, and files that mean harm. */
import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { benchmarkOf, openDataset } from '../../native-models/evaluation/datasets/open-dataset.ts';
import { readPythonList } from '../../native-models/evaluation/datasets/python-list.ts';
import type { Question } from '../../native-models/evaluation/datasets/question.ts';
import { scoreAnswer } from '../../native-models/evaluation/score-answer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const picture = Buffer.from('a picture that is longer than sixty-four characters once it is base64').toString(
  'base64',
);

async function open(t: TestContext, name: string, text: string): Promise<Question[]> {
  const path = join(await temporaryFolder(t), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return Array.fromAsync(openDataset(path));
}

/** One row of a .tsv by column. */
const tsv = (row: Record<string, string>) =>
  [Object.keys(row), Object.values(row)]
    .map((fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join('\t'))
    .join('\n');

test('MathVista is scored by the kind of its answer, and its question asks for itself', async (t) => {
  const common = { index: '1', image: picture, question: 'Hint: …\nQuestion: What?' };
  const choice = { question_type: 'multi_choice', answer: '145°', choices: "['90°', '145°']" };
  const [angle] = await open(t, 'MathVista_MINI.tsv', tsv({ ...common, ...choice, answer_option: 'B' }));
  assert.equal(angle?.text, common.question);
  assert.equal(scoreAnswer(angle!, 'It is 145°'), 1);
  assert.equal(scoreAnswer(angle!, 'A'), 0);
  const number = { question_type: 'free_form', answer_type: 'float', answer: '1.2' };
  const [length] = await open(t, 'MathVista_MINI.tsv', tsv({ ...common, ...number }));
  assert.equal(scoreAnswer(length!, 'So it is 1.20'), 1);
  assert.equal(scoreAnswer(length!, '1.3'), 0);
});

test('MMMU names its pictures within the question, and asks openly where there are no choices', async (t) => {
  const images = `['${picture}', '${picture}']`;
  const row = { index: '1', image: images, question: 'Compare <image 1> and <image 2>.', A: 'x', B: 'y' };
  const [several] = await open(t, 'MMMU_DEV_VAL.tsv', tsv({ ...row, answer: 'B' }));
  assert.match(several!.text, /^Compare <Image-1> and <Image-2>\.\nA\. x\nB\. y\nAnswer with the option/);
  assert.equal(several?.media.length, 2);
  const alone = { index: '2', image: picture, question: '<image 1>How many?', answer: "['12', 'twelve']" };
  const [free] = await open(t, 'MMMU_DEV_VAL.tsv', tsv(alone));
  assert.equal(free?.text, 'How many?\nAnswer the question directly.');
  assert.equal(scoreAnswer(free!, 'There are twelve.'), 1);
});

test('Video-MME and VSI-Bench list their choices, and their films lie in folders', async (t) => {
  const row = { index: '1', video: 'abc', video_path: './video/abc.mp4', task_type: 'Counting' };
  const options = "['A. One.', \"B. It's two.\"]";
  const asked = { ...row, candidates: options, question: 'How many?', answer: 'B' };
  const [film] = await open(t, 'Video-MME.tsv', tsv(asked));
  assert.match(film!.text, /How many\?\nA\. One\.\nB\. It's two\.\nAnswer with the option/);
  assert.match(JSON.stringify(film!.media), /video.abc\.mp4/);
  assert.deepEqual([film?.group, film?.frames, film?.maxTiles], ['Counting', 32, 1]);
  const common = { id: 7, dataset: 'scannet', scene_name: 'scene0', question: 'How far?' };
  const lines = [
    { ...common, question_type: 'object_abs_distance', ground_truth: '2.0', options: null },
    { ...common, question_type: 'object_rel_distance', ground_truth: 'B', options: ['A. lamp', 'B. bed'] },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  const [far, near] = await open(t, 'VSI-Bench/test.jsonl', text);
  assert.equal(
    far?.text,
    'These are frames of a video.\nHow far?\nPlease answer the question using a single word or phrase.',
  );
  assert.equal(scoreAnswer(far!, '2.1'), 0.9);
  assert.match(near!.text, /Options:\nA\. lamp\nB\. bed\n/);
  assert.match(JSON.stringify(near!.media), /scannet.scene0\.mp4/);
});

test('POPE, RefCOCO and ScreenSpot are read as their authors publish them', async (t) => {
  const pope = { question_id: 1, image: 'a.jpg', text: 'Is there a dog?', label: 'no' };
  const [dog] = await open(t, 'coco_pope_random.json', JSON.stringify(pope));
  assert.equal(scoreAnswer(dog!, 'No.'), 1);
  const ref = { image: 'a.jpg', sent: 'the cat', bbox: [64, 96, 320, 288], height: 480, width: 640 };
  const [cat] = await open(t, 'refcoco_val.jsonl', JSON.stringify(ref));
  const box = '<ref>the cat</ref><box>[[100, 200, 500, 600]]</box>';
  assert.equal(scoreAnswer(cat!, box, { width: 640, height: 480 }), 1);
  assert.equal(scoreAnswer(cat!, box, { width: 480, height: 640 }), 0);
  const spot = [
    { img_filename: 'w.png', bbox: [42, 1102, 197, 70], instruction: 'close', data_type: 'icon' },
  ];
  const [close] = await open(t, 'screenspot_web.json', JSON.stringify(spot));
  const size = { width: 1000, height: 2000 };
  assert.equal(scoreAnswer(close!, 'pyautogui.click(x=0.1, y=0.57)', size), 1);
  assert.equal(
    scoreAnswer(close!, 'pyautogui.click(x=0.25, y=0.57)', size),
    0,
    'the third number is a width',
  );
  assert.match(close!.systemText!, /GUI agent/);
});

test('GSM8K and MMLU are text alone, a subject each file', async (t) => {
  const line = { question: 'How many?', answer: '2 + 3 = 5\n#### 5' };
  const [sum] = await open(t, 'gsm8k_test.jsonl', JSON.stringify(line));
  assert.deepEqual([sum?.answers, sum?.media], [['5'], []]);
  assert.equal(scoreAnswer(sum!, 'First 2, then 5.'), 1);
  const folder = join(await temporaryFolder(t), 'MMLU', 'test');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'anatomy_test.csv'), '"Which, ""then""?",a,b,c,d,C\n');
  await writeFile(join(folder, 'law_test.csv'), 'Who?,a,b,c,d,A\nWhen?,a,b,c,d,B\n');
  const questions = await Array.fromAsync(openDataset(folder));
  assert.deepEqual(
    questions.map(({ group, answers }) => [group, ...answers]),
    [
      ['anatomy', 'C'],
      ['law', 'A'],
      ['law', 'B'],
    ],
  );
  assert.match(questions[0]!.text, /^Which, "then"\?\nA\. a\n/);
  await writeFile(join(folder, 'law_test.csv'), 'Who?,a,b\n');
  await assert.rejects(Array.fromAsync(openDataset(folder)), { code: 'media_broken' });
});

test('the held-out set is read in both its editions: drawings, films, earlier questions, boxes and clicks', async (t) => {
  const rows = [
    { file: 'word.png', kind: 'word', question: 'What?', answer: 'HIX', unseenString: true },
    {
      ...{ files: ['a.png', 'b.png'], kind: 'several', frames: true, tiles: 2, target: null },
      ...{ questions: ['First?', 'Then?'], answer: 'Yes', unseenWording: false },
    },
    { files: ['c.png'], kind: 'box', questions: ['Where?'], answer: '…', target: [100, 200, 500, 600] },
    { files: ['d.png'], kind: 'button', questions: ['Click.'], answer: '…', target: [100, 200, 500, 600] },
  ];
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  const [word, several, box, click] = await open(t, 'held-out.jsonl', text);
  assert.equal(scoreAnswer(word!, 'HIX'), 1);
  assert.equal(scoreAnswer(word!, 'hix'), 0, 'reading is exact');
  assert.deepEqual([several?.earlierTexts, several?.text, several?.shownAs], [['First?'], 'Then?', 'frames']);
  assert.equal(scoreAnswer(box!, '<ref>x</ref><box>[[100, 200, 500, 600]]</box>'), 1);
  assert.equal(scoreAnswer(click!, 'pyautogui.click(x=0.3, y=0.5)'), 1);
  await assert.rejects(open(t, 'held-out.jsonl', '{"kind": "word", "answer": "x"}'), {
    code: 'media_broken',
  });
});

test('the folder around a file names its benchmark too, but never that of the held-out set', () => {
  assert.equal(benchmarkOf('/sets/MMMU/val/questions.tsv')?.title, 'MMMU');
  assert.equal(benchmarkOf('/sets/mme/held-out.jsonl'), null);
  assert.equal(benchmarkOf('/sets/mine/questions.jsonl'), null);
});

test('lists are read as Python writes them, and anything else is no list', () => {
  assert.deepEqual(readPythonList(`['a', "it's", 'b\\'c', 3, "x\\ny"]`), ['a', "it's", "b'c", '3', 'x\ny']);
  assert.deepEqual(readPythonList('[]'), []);
  for (const text of ['plain', "['open", "['a'", '']) assert.equal(readPythonList(text), null);
});

test('any text is a list or none, in time that grows with its length only', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const list = readPythonList(`[${text}]`);
      assert.ok(list === null || list.every((item) => typeof item === 'string'));
    }),
    { seed: 11, numRuns: 500 },
  );
  const startedAt = performance.now();
  readPythonList(`['${"\\'".repeat(1_000_000)}]`);
  readPythonList(`[${"'',".repeat(500_000)}`);
  assert.ok(performance.now() - startedAt < 2000);
});

test('a hostile data set is refused with a reason: broken, endless, missing, or leading out of its folder', async (t) => {
  const line = { question: 'x', answers: 'y' };
  const refuses = (name: string, text: string, code: string) =>
    assert.rejects(open(t, name, text), { code }, `${name}: ${text.slice(0, 40)}`);
  await refuses('mine.jsonl', '{"question": "x"', 'media_broken');
  await refuses('mine.jsonl', `${JSON.stringify(line)}\n[1, 2]`, 'media_broken');
  await refuses('mine.jsonl', 'x'.repeat(2_000_000), 'media_broken');
  await refuses('mine.jsonl', JSON.stringify({ ...line, metric: 'constructor' }), 'media_broken');
  await refuses('mine.jsonl', JSON.stringify({ ...line, media: Array(100).fill('a') }), 'media_broken');
  for (const media of ['../a.png', '/etc/passwd', 'a/../../b.png', 'a\0.png', '.', '']) {
    await refuses('mine.jsonl', JSON.stringify({ ...line, media: [media] }), 'path_refused');
  }
  await refuses('DocVQA_VAL.json', '[[[[', 'media_broken');
  await refuses(
    'RefCOCO.tsv',
    tsv({ index: '1', image: picture, question: 'x', bbox: 'none' }),
    'media_broken',
  );
  const unanswered = { data: [{ questionId: 1, question: 'x', image: 'a.png', answers: [] }] };
  await refuses('docvqa_test.json', JSON.stringify(unanswered), 'media_broken');
  await refuses(
    'OCRBench.tsv',
    tsv({ index: '1', image: picture, question: 'x', answer: ' ' }),
    'media_broken',
  );
  await refuses('notes.txt', 'x', 'media_unsupported');
  await assert.rejects(Array.fromAsync(openDataset(join(await temporaryFolder(t), 'gone.jsonl'))), {
    code: 'not_found',
  });
  await assert.rejects(Array.fromAsync(openDataset(await temporaryFolder(t))), { code: 'media_unsupported' });
});

test('a link out of the data set’s folder is refused, one within it is not', async (t) => {
  const folder = await temporaryFolder(t);
  const outside = join(await temporaryFolder(t), 'secret.png');
  await writeFile(outside, 'x');
  await writeFile(join(folder, 'here.png'), 'x');
  await symlink(outside, join(folder, 'out.png'));
  await symlink('here.png', join(folder, 'in.png'));
  const dataset = join(folder, 'mine.jsonl');
  const ask = async (media: string) => {
    await writeFile(dataset, JSON.stringify({ question: 'x', answers: 'y', media }));
    return Array.fromAsync(openDataset(dataset));
  };
  assert.equal((await ask('in.png')).length, 1);
  await assert.rejects(ask('out.png'), { code: 'path_refused' });
});
