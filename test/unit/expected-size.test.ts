/** How large a question is said to be before its model is loaded. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { expectedSize } from '../../main/service/answering/expected-size.ts';
import type { Part } from '../../preload/contract/attachments.ts';
import type { AttachmentId } from '../../preload/contract/ids.ts';

const attachmentId = 'a'.repeat(32) as AttachmentId;
const file = { attachmentId, name: 'file', detail: 'balanced' as const };
const text = (value: string): Part => ({ type: 'text', text: value });
const size = (...turns: Part[][]) =>
  expectedSize(
    turns.map((parts) => ({ parts })),
    { kindOf: () => 'pages', maxNewTokens: 100 },
  );

test('words alone need no eye, and every turn counts', () => {
  assert.deepEqual(size([text('x'.repeat(200))]), { tokens: 200, hasPictures: false });
  assert.deepEqual(size([text('x'.repeat(200))], [text('y'.repeat(20))], [text('z'.repeat(200))]), {
    tokens: 310,
    hasPictures: false,
  });
});

test('a picture counts with the tiles that its detail allows and the thumbnail, a frame with one', () => {
  const tiles = (parts: Part[]) => (size(parts).tokens - 100) / 256;
  assert.equal(tiles([{ type: 'picture', ...file }]), 7);
  assert.equal(tiles([{ type: 'picture', ...file, detail: 'fast' }]), 1);
  assert.equal(tiles([{ type: 'picture', ...file, detail: 'smallPrint' }]), 13);
  assert.equal(tiles([{ type: 'film', ...file, startMs: 0, endMs: 3000, frameTimesMs: [0, 1000, 2000] }]), 3);
  assert.equal(size([{ type: 'picture', ...file }]).hasPictures, true);
});

test('a page that is read as text counts as a page of text', () => {
  const { tokens, hasPictures } = size([{ type: 'document', ...file, pages: [{ page: 1, as: 'text' }] }]);
  assert.equal(hasPictures, false);
  assert.equal(tokens, 1100);
});
