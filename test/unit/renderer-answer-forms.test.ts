/** The forms of an answer besides words: steps, values, tables for spreadsheets, links to pictures and frames. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { readOfficeText } from '../../native-models/media/office-text.ts';
import type { Part } from '../../preload/contract/attachments.ts';
import type { Message } from '../../preload/contract/conversations.ts';
import type { AttachmentId, ConversationId, MessageId } from '../../preload/contract/ids.ts';
import {
  extractionForms,
  promptWords,
  readSchema,
  withPrompt,
} from '../../renderer/features/chat/built-in-prompts.ts';
import { columnsOf, nameInWords, readJson } from '../../renderer/features/chat/extracted-json.ts';
import { readGuiSteps, stepsAsJson } from '../../renderer/features/chat/gui-steps.ts';
import { wordsToCopy } from '../../renderer/features/chat/live-answers.ts';
import { askedUpTo, countPictures, findPlace } from '../../renderer/features/chat/named-places.ts';
import { pictureNames, type TrayItem } from '../../renderer/features/chat/tray.ts';
import { mentionPlaces } from '../../renderer/ui/markdown/mention-places.ts';
import { writeXlsx } from '../../renderer/ui/markdown/xlsx-file.ts';

const answerId = 'answer-1' as MessageId;
const read = (text: string, isGrowing = false) => readGuiSteps({ id: answerId, text, isGrowing }, null);

test('steps are taken out of what an agent says, numbered, with the places they have', () => {
  const said = 'I click.\n```python\npyautogui.click(x=0.25, y=0.5)\npyautogui.write("abc")\n```\nDone.';
  const { text, steps } = read(said);
  assert.equal(text, 'I click.\n\nDone.');
  assert.deepEqual(
    steps.map(({ number, spot }) => [number, spot]),
    [
      [1, { x: 0.25, y: 0.5 }],
      [2, null],
    ],
  );
  assert.equal(JSON.parse(stepsAsJson(steps))[1].text, 'abc');
});

test('half a step is held back while it grows, and stays as words when it never becomes one', () => {
  assert.deepEqual(read('pyautogui.click(x=0.2', true).steps, []);
  assert.equal(read('pyautogui.click(x=0.2', true).text, '');
  assert.equal(read('pyautogui.click(x=0.2').text, 'pyautogui.click(x=0.2');
});

test('a drag begins where the pointer was, and places of a region are told on the whole screenshot', () => {
  const cut = { x: 0.5, y: 0, width: 0.5, height: 0.5 };
  const text = 'pyautogui.moveTo(0.5, 0.5)\npyautogui.dragTo(1, 1)';
  const { steps } = readGuiSteps({ id: answerId, text, isGrowing: false }, cut);
  assert.deepEqual(
    [steps[1]?.from, steps[1]?.spot],
    [
      { x: 0.75, y: 0.25 },
      { x: 1, y: 0.5 },
    ],
  );
});

test('values are read when they are whole, fenced or not', () => {
  assert.deepEqual(readJson('```json\n{"a": 1}\n```'), { a: 1 });
  for (const text of ['{"a": 1', 'hello', '"word"', '']) assert.equal(readJson(text), null, text);
  assert.deepEqual(columnsOf([{ a: 1 }, { b: 'x' }]), ['a', 'b']);
  assert.equal(columnsOf([{ a: [1] }]), null);
  assert.deepEqual(['unitPrice', 'due_date'].map(nameInWords), ['Unit price', 'Due date']);
});

test('every form that comes with the app is a schema, and words or numbers are none', () => {
  for (const schema of Object.values(extractionForms)) assert.ok(readSchema(JSON.stringify(schema)));
  for (const text of ['{', '[]', '3', '{"a": 1}']) assert.equal(readSchema(text), null, text);
  assert.match(promptWords('translation', 'de')!, /into German\./);
});

test('a prompt takes the place of another, and never of a person’s own words', () => {
  const [table, chart] = [promptWords('table', 'en')!, promptWords('chart', 'en')!];
  assert.equal(withPrompt(table, chart, 'en'), chart);
  assert.equal(withPrompt(' ', chart, 'en'), chart);
  assert.equal(withPrompt('Only 2026.', chart, 'en'), `${chart}\n\nOnly 2026.`);
});

const film: Part = {
  type: 'film',
  attachmentId: 'f'.repeat(64) as AttachmentId,
  name: 'film.mp4',
  detail: 'fast',
  startMs: 0,
  endMs: 9000,
  frameTimesMs: [500, 1500, 2500],
};
const picture = (name: string): Part => ({
  type: 'picture',
  attachmentId: 'a'.repeat(64) as AttachmentId,
  name,
  detail: 'fast',
});
const message = (id: string, role: Message['role'], parts: Part[]): Message => ({
  id: id.padEnd(8, '-') as MessageId,
  conversationId: 'conversation' as ConversationId,
  parentId: null,
  role,
  state: 'complete',
  parts,
  createdAtMs: 0,
  siblingIds: [],
  generation: null,
});

test('names lead to the newest film’s frames and to pictures of all turns', () => {
  const [one, two, three] = ['a.png', 'b.png', 'c.png'].map(picture);
  const messages = [
    message('q1', 'user', [one!, two!]),
    message('a1', 'assistant', []),
    message('q2', 'user', [film, three!]),
    message('a2', 'assistant', []),
  ];
  const asked = askedUpTo(messages, []);
  const last = asked.get(messages[3]!.id)!;
  assert.equal(findPlace(last, 'frame-3')?.place.timeMs, 2500);
  assert.equal(findPlace(last, 'image-3')?.part.name, 'c.png');
  assert.equal(findPlace(last, 'image-4'), null);
  assert.equal(findPlace(asked.get(messages[1]!.id)!, 'frame-1'), null, 'the film came later');
  assert.equal(asked.get(messages[0]!.id), asked.get(messages[1]!.id), 'a row redraws only when it changed');
  assert.equal(
    findPlace(askedUpTo(messages, null).get(messages[3]!.id)!, 'image-3'),
    null,
    'nobody can count',
  );
  assert.equal(countPictures(messages, []), 3);
  assert.equal(countPictures(messages, null), null);

  const shown = messages.slice(2);
  const above = askedUpTo(shown, messages.slice(0, 1)).get(messages[3]!.id);
  assert.deepEqual(above, last, 'as if the messages above were shown too');
  assert.equal(countPictures(shown, messages.slice(0, 1)), 3);
});

test('files of a later turn are named behind those of earlier ones, pages one by one', () => {
  const ready = (part: Part): TrayItem =>
    ({ key: part.type, name: 'x', state: 'ready', attachment: {}, part }) as unknown as TrayItem;
  const pages: Part = {
    ...picture('d.pdf'),
    type: 'document',
    pages: [
      { page: 1, as: 'picture' },
      { page: 2, as: 'text' },
      { page: 3, as: 'both' },
    ],
  } as Part;
  assert.deepEqual(pictureNames([ready(picture('x'))], 2), ['Image-3']);
  assert.deepEqual(pictureNames([ready(film), ready(pages), ready(picture('x'))]), [
    null,
    'Image-1–2',
    'Image-3',
  ]);
});

test('mentions become links, but not within words, code or links', () => {
  const text = (value: string) => ({ type: 'text', value });
  const tree = {
    type: 'root',
    children: [
      { type: 'paragraph', children: [text('In Frame7 and Image-2, not Frameset9 or Frame0.')] },
      { type: 'inlineCode', value: 'Frame7' },
      { type: 'link', url: 'https://a.test', children: [text('Frame7')] },
    ],
  };
  mentionPlaces()(tree);
  const [paragraph, code, link] = tree.children as {
    value?: string;
    children?: { type: string; url?: string }[];
  }[];
  assert.deepEqual(
    paragraph!.children!.flatMap(({ url }) => url ?? []),
    ['#place-frame-7', '#place-image-2'],
  );
  assert.equal(code!.value, 'Frame7');
  assert.deepEqual(link!.children, [text('Frame7')]);
});

test('what is copied of an answer holds no thoughts, unless they are all there is', () => {
  const said = (value: string, role: Message['role'] = 'assistant') =>
    wordsToCopy(message('a', role, [{ type: 'text', text: value }]));
  assert.equal(said('<think>hm</think>\nFour.'), 'Four.');
  assert.equal(said('<think>hm, well'), 'hm, well');
  assert.equal(said('<think>hm</think> literally', 'user'), '<think>hm</think> literally');
});

test('a saved workbook holds the words and numbers of the table, and no formula', () => {
  const cells = [
    ['Item', 'Price', 'Code'],
    ['Tea & "cake" <b>', '4.50', '007'],
    ['=1+1', '-3', '多'],
  ];
  const bytes = writeXlsx(cells);
  const { text } = readOfficeText({ bytes, name: 'table.xlsx' });
  const sheetXml = strFromU8(unzipSync(bytes)['xl/worksheets/sheet1.xml']!);
  assert.match(text, /Tea & "cake" <b>/);
  assert.match(text, /=1\+1/);
  assert.match(sheetXml, /<c r="B2"><v>4\.5<\/v>/);
  assert.match(sheetXml, /<c r="C2" t="inlineStr">/, 'a code is no number');
  assert.doesNotMatch(sheetXml, /<f>/);
});
