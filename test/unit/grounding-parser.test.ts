/** Boxes in an answer: whole or in any pieces, well formed, odd or broken, and never at the cost of the text. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  createGroundingParser,
  type GroundingReference,
  type GroundingSegment,
} from '../../native-models/text/grounding-parser.ts';
import { checkAnySplit, checkHostileAnswers, joinTexts } from '../support/stream-pieces.ts';

function parse(...pieces: string[]): GroundingSegment[] {
  const parser = createGroundingParser();
  return joinTexts([...pieces.flatMap(parser.push), ...parser.flush()]);
}

function parseReference(answer: string): GroundingReference {
  const segments = parse(answer);
  assert.equal(segments.length, 1);
  assert.equal(segments[0]!.type, 'reference');
  return segments[0] as GroundingReference;
}

const writtenBack = (segments: GroundingSegment[]) =>
  segments.map((segment) => (segment.type === 'text' ? segment.text : segment.source)).join('');

test('a grounding answer becomes a label with its box between the text around it', () => {
  assert.deepEqual(parse('It is <ref>the red cup</ref><box>[[102, 34, 560, 988]]</box>.'), [
    { type: 'text', text: 'It is ' },
    {
      type: 'reference',
      label: 'the red cup',
      boxes: [[102, 34, 560, 988]],
      quads: [],
      corrections: [],
      source: '<ref>the red cup</ref><box>[[102, 34, 560, 988]]</box>',
    },
    { type: 'text', text: '.' },
  ]);
});

test('forms the model also writes are read', () => {
  const forms: [answer: string, label: string | null, boxes: number[][]][] = [
    ['<box>[[1,2,3,4]]</box>', null, [[1, 2, 3, 4]]],
    ['<box>[1, 2, 3, 4]</box>', null, [[1, 2, 3, 4]]],
    [
      '<ref>两只猫</ref>\n<box> [[1,2,3,4],\n [5,6,7,8]] </box>',
      '两只猫',
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    ],
    ['<ref></ref><box>[[1.5,2.25,3,4]]</box>', '', [[1.5, 2.25, 3, 4]]],
    ['<ref>a < b > c </ box></ref><box>[[1,2,3,4]]</box>', 'a < b > c </ box>', [[1, 2, 3, 4]]],
    ['<box>[[[1,2],[3,4]]]</box>', null, [[1, 2, 3, 4]]],
  ];
  for (const [answer, label, boxes] of forms) {
    const reference = parseReference(answer);
    assert.deepEqual([reference.label, reference.boxes], [label, boxes], answer);
    assert.equal(reference.source, answer);
  }
});

test('a second box right after the first is a reference without label', () => {
  const [first, second] = parse('<ref>a</ref><box>[[1,2,3,4]]</box><box>[[5,6,7,8]]</box>');
  assert.equal((first as GroundingReference).label, 'a');
  assert.equal((second as GroundingReference).label, null);
});

test('quads keep their corners as written and get the box around them', () => {
  const quad = [
    [10, 20],
    [90, 5],
    [95, 60],
    [12, 70],
  ];
  for (const written of [[quad.flat()], quad.flat(), [quad], quad]) {
    const reference = parseReference(`<ref>sign</ref><quad>${JSON.stringify(written)}</quad>`);
    assert.deepEqual(reference.quads, [quad]);
    assert.deepEqual(reference.boxes, [[10, 5, 95, 70]]);
    assert.deepEqual(reference.corrections, []);
  }
});

test('numbers out of 0–1000 are clipped, reversed boxes turned round, and both said', () => {
  const cases: [written: string, box: number[], corrections: string[]][] = [
    ['[[-3,0,1000,1001]]', [0, 0, 1000, 1000], ['clipped']],
    ['[[30,40,10,20]]', [10, 20, 30, 40], ['reordered']],
    ['[[30,20,10,4000]]', [10, 20, 30, 1000], ['clipped', 'reordered']],
    ['[[1,2,3,4000]]', [1, 2, 3, 1000], ['clipped']],
    [`[[1,2,3,${'9'.repeat(400)}]]`, [1, 2, 3, 1000], ['clipped']],
    ['[[0,0,1000,1000]]', [0, 0, 1000, 1000], []],
    ['[[-0,0,5,5]]', [0, 0, 5, 5], []],
  ];
  for (const [written, box, corrections] of cases) {
    const reference = parseReference(`<box>${written}</box>`);
    assert.deepEqual([reference.boxes, reference.corrections], [[box], corrections], written);
  }
  const quad = parseReference('<quad>[[-1,0,1,0,1,2000,0,1]]</quad>');
  assert.deepEqual(
    [quad.quads[0]![0], quad.boxes[0], quad.corrections],
    [[0, 0], [0, 0, 1, 1000], ['clipped']],
  );
});

test('broken forms stay plain text', () => {
  const broken = [
    '<ref>no box follows</ref>, really',
    '<ref>never closed',
    '<ref>a</ref><box>[[1,2,3,4]]',
    '<ref>a</ref> is at <box>',
    '<box>[[1,2,3]]</box>',
    '<box>[[1,2,3,4,5]]</box>',
    '<box>[[1,2,3,4],[5,6]]</box>',
    '<box>[[1,2,3,four]]</box>',
    '<box>[[1,2,3,4]</box>',
    '<box>1,2,3,4</box>',
    '<box>[]</box>',
    '<box>[[]]</box>',
    '<box></box>',
    '<box>[[1 2 3 4]]</box>',
    '<box>[[1,2,3,4]]</quad>',
    '<quad>[[1,2,3,4]]</quad>',
    '</ref></box></quad>',
    '<Box>[[1,2,3,4]]</Box>',
    '< box>[[1,2,3,4]]</box >',
  ];
  for (const answer of broken) assert.deepEqual(parse(answer), [{ type: 'text', text: answer }], answer);
});

test('a broken start does not hide the reference after it', () => {
  const good = '<ref>b</ref><box>[[1,2,3,4]]</box>';
  for (const broken of [
    '<ref>a',
    '<ref>a</ref>',
    '<box>[[1,',
    '<box>[[1,2]]</box>',
    '<ref>a</ref><box>',
    '<',
    '<re',
  ]) {
    const [text, reference] = parse(broken + good);
    assert.deepEqual(text, { type: 'text', text: broken });
    assert.equal((reference as GroundingReference).source, good, broken);
  }
});

const bits = [
  '<ref>', '</ref>', '<box>', '</box>', '<quad>', '</quad>', '<re', '<', '</', '[[1,2,3,4]]', '[5,6,7,8]',
  '[[1,2,3,4,5,6,7,8]]', ' ', '\n', 'cat', '猫🐈', ',', '[', ']', '1200',
  '<ref>a</ref><box>[[1, 2, 3, 4]]</box>',
]; // biome-ignore format: as many to a line as fit
test('any split of an answer gives the same segments, and nothing of the answer is lost', () => {
  const references = checkAnySplit(bits, { parse, writeBack: writtenBack, seed: 12 });
  assert.ok(references > 500, `references were met: ${references}`);
});

test('text comes at once, and only what may still become a reference is held back', () => {
  const parser = createGroundingParser();
  const shown = (piece: string) => writtenBack(parser.push(piece));
  assert.equal(shown('if a <'), 'if a ');
  assert.equal(shown(' b'), '< b');
  assert.equal(shown(' <re'), ' ');
  assert.equal(shown('d>'), '<red>');
  assert.equal(shown('<ref>cup'), '');
  assert.equal(shown('</ref> '), '');
  assert.equal(shown('is'), '<ref>cup</ref> is');
  assert.equal(shown('<box>[[1,'), '');
  assert.equal(shown('x'), '<box>[[1,x');
  assert.equal(shown('<box>[[1,2,3,4]]</box'), '');
  assert.equal(shown('>'), '<box>[[1,2,3,4]]</box>');
  assert.equal(shown('<'), '');
  assert.deepEqual(parser.flush(), [{ type: 'text', text: '<' }]);
  assert.deepEqual(parser.flush(), []);
});

test('a tag that is never closed gives the text back after a bounded wait', () => {
  const parser = createGroundingParser();
  parser.push('<ref>');
  let held = 0;
  while (parser.push('word ').length === 0) held += 5;
  assert.ok(held > 1000 && held < 20_000, `${held} held`);
  assert.deepEqual(parser.push('on'), [{ type: 'text', text: 'on' }]);
});

test('hostile answers of a megabyte are read in time that grows with their length only', () => {
  const hostile = ['<', '<ref>', '<ref>a</ref> ', '<ref>a <', '<box>[', '<box>[[1,2,3,4]]</box>', '['];
  checkHostileAnswers(hostile, createGroundingParser, writtenBack);
});
