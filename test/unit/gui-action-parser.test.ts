/** Steps in a GUI agent's answer: whole or in any pieces, every call it may write, and nothing that is not one. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { convertPoint } from '../../native-models/media/geometry.ts';
import { placeOfFile } from '../../native-models/media/picture-place.ts';
import {
  createGuiActionParser,
  type GuiSegment,
  type GuiStep,
} from '../../native-models/text/gui-action-parser.ts';
import { checkAnySplit, checkHostileAnswers, joinTexts } from '../support/stream-pieces.ts';

function parse(...pieces: string[]): GuiSegment[] {
  const parser = createGuiActionParser();
  return joinTexts([...pieces.flatMap(parser.push), ...parser.flush()]);
}

const stepsOf = (answer: string): GuiStep[] =>
  parse(answer).flatMap((segment) => (segment.type === 'action' ? [segment.step] : []));

const writtenBack = (segments: GuiSegment[]) =>
  segments.map((segment) => (segment.type === 'text' ? segment.text : segment.source)).join('');

test('a step stands between the text around it, its place in fractions of the screenshot', () => {
  const answer = '<action>\npyautogui.click(x=0.2346, y=0.381)\n</action>';
  const segments = parse(answer);
  assert.deepEqual(segments, [
    { type: 'text', text: '<action>\n' },
    {
      type: 'action',
      step: { action: 'click', at: [0.2346, 0.381], clicks: 1, button: 'left' },
      source: 'pyautogui.click(x=0.2346, y=0.381)',
    },
    { type: 'text', text: '\n</action>' },
  ]);
  const screenshot = placeOfFile({ stored: { width: 2000, height: 1000 } });
  const point = convertPoint(screenshot, [0.2346, 0.381], { from: 'fractions', to: 'pixels' });
  assert.deepEqual(point.map(Math.round), [469, 381]);
});

test('a broken call does not hide the step on the next line, nor after it', () => {
  const good = 'click(x=0.5, y=0.5)';
  const broken = [
    "write('unclosed\n",
    'click(x=0.1\n',
    'press(what?) ',
    'click(x=0.1; ',
    'write(it) ',
    'pyautogui. ',
  ];
  for (const text of broken) {
    assert.deepEqual(
      stepsOf(text + good),
      [{ action: 'click', at: [0.5, 0.5], clicks: 1, button: 'left' }],
      text,
    );
  }
});

test('several steps come in order, on one line or on many', () => {
  const answer = "keyDown('ctrl');click(0.1,0.2)click(0.3,0.4)\nkeyUp('ctrl')";
  assert.deepEqual(
    stepsOf(answer).map(({ action }) => action),
    ['keyDown', 'click', 'click', 'keyUp'],
  );
});

const bits = [
  'click(',
  'pyautogui.',
  'write(',
  "'",
  '"',
  '\\',
  ')',
  '(',
  '[',
  ']',
  'x=0.1',
  ', y=0.2',
  ' ',
  '\n',
  'wait',
  '()',
  'word',
  '.',
  '猫🐈',
  'click(x=0.1, y=0.2)',
  "write('it\\'s')",
  "hotkey('ctrl', 'c')",
];
test('any split of an answer gives the same segments, and nothing of the answer is lost', () => {
  const steps = checkAnySplit(bits, { parse, writeBack: writtenBack, seed: 13 });
  assert.ok(steps > 500, `steps were met: ${steps}`);
});

test('text comes at once, and only what may still become a step is held back', () => {
  const parser = createGuiActionParser();
  const shown = (piece: string) => writtenBack(parser.push(piece));
  assert.equal(shown('I will cl'), 'I will ');
  assert.equal(shown('ean'), 'clean');
  assert.equal(shown('click'), 'click', 'a name within a word is none');
  assert.equal(shown(' pyautogui.click'), ' ');
  assert.equal(shown('s'), 'pyautogui.clicks');
  assert.equal(shown(' click('), ' ');
  assert.equal(shown('x=0.1, y=0.2'), '');
  assert.equal(shown(')'), 'click(x=0.1, y=0.2)');
  assert.equal(shown('press(why'), '');
  assert.equal(shown('?'), 'press(why?');
  assert.equal(shown('write("a'), '');
  assert.equal(shown('\n'), 'write("a\n');
  assert.equal(shown('wait'), '');
  assert.deepEqual(parser.flush(), [{ type: 'text', text: 'wait' }]);
  assert.deepEqual(parser.flush(), []);
});

test('a call that never ends gives the text back after a bounded wait', () => {
  const parser = createGuiActionParser();
  parser.push('write("');
  let held = 0;
  while (parser.push('word ').length === 0) held += 5;
  assert.ok(held > 10_000 && held < 100_000, `${held} held`);
  assert.deepEqual(parser.push('on '), [{ type: 'text', text: 'on ' }]);
});

test('hostile answers of a megabyte are read in time that grows with their length only', () => {
  const hostile = ['a', 'click', 'click(', "write('", 'write("\\', 'press([', 'wait()', '('];
  checkHostileAnswers(hostile, createGuiActionParser, writtenBack);
});
