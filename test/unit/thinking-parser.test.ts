/** A `<think>` block at the beginning of an answer is told apart from the answer, however the text is cut. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createThinkingParser, splitThinking } from '../../native-models/text/thinking-parser.ts';
import { splitAt } from '../support/stream-pieces.ts';

test('a block is the thought, and what follows is the answer', () => {
  assert.deepEqual(splitThinking('<think>\nTwo and two.\n</think>\n\nFour.'), {
    thought: '\nTwo and two.\n',
    isOpen: false,
    answer: 'Four.',
  });
});

test('a block that never ends stays a thought, whole', () => {
  const cut = splitThinking('<think>Two and </thi');
  assert.deepEqual(cut, { thought: 'Two and </thi', isOpen: true, answer: '' });
});

test('while it grows, half a tag is held back, and nothing else is', () => {
  const growing = (text: string) => splitThinking(text, { isGrowing: true });
  assert.deepEqual(growing('<thi'), { thought: null, isOpen: false, answer: '' });
  assert.deepEqual(growing('<think>a</thi'), { thought: 'a', isOpen: true, answer: '' });
  assert.deepEqual(growing('a <thi'), { thought: null, isOpen: false, answer: 'a <thi' });
});

test('a tag further on is plain text, and so is half a tag that never became one', () => {
  const asked = 'The tag <think> opens a block and </think> ends it.';
  assert.deepEqual(splitThinking(asked), { thought: null, isOpen: false, answer: asked });
  assert.equal(splitThinking('<thin').answer, '<thin');
  assert.equal(splitThinking('<thinking>x').answer, '<thinking>x');
  assert.equal(splitThinking('<think>a</think>b<think>c</think>').answer, 'b<think>c</think>');
});

test('any split gives the same thought and answer', () => {
  const piece = fc.constantFrom('<think>', '</think>', '<', '</thi', '\n', ' ', 'word', '>');
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(60)), (pieces, cuts) => {
      const text = pieces.join('');
      const parser = createThinkingParser();
      const segments = [...splitAt(text, cuts).flatMap((part) => parser.push(part)), ...parser.flush()];
      const join = (type: string) =>
        segments.map((segment) => (segment.type === type ? segment.text : '')).join('');
      const whole = splitThinking(text);
      assert.equal(join('text'), whole.answer);
      assert.equal(join('thought'), whole.thought ?? '');
      assert.equal(parser.isOpen, whole.isOpen);
    }),
    { seed: 7 },
  );
});
