/** How large a question is taken to be before its model is loaded. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Attachments } from '../../main/cli/attached-files.ts';
import { expectedQuestion } from '../../main/cli/expected-question.ts';

const picture: Attachments['pictures'][number] = { kind: 'picture', name: 'a', path: 'a', part: {} };
const film: Attachments['pictures'][number] = {
  kind: 'film',
  name: 'f',
  path: 'f',
  boundMs: null,
  frameCount: 8,
};
const ask = (pictures: Attachments['pictures'], more: { maxTiles?: number; document?: string } = {}) =>
  expectedQuestion(
    { question: 'What?', maxTiles: more.maxTiles ?? null, generation: { maxNewTokens: 100 } },
    { pictures, documents: more.document === undefined ? [] : [{ name: 'd', text: more.document }] },
  );

test('each picture counts with all its tiles and the thumbnail, a film with its frames, a document with its text', () => {
  const text = 3 + 100;
  assert.deepEqual(ask([]), { tokens: text, hasPictures: false });
  assert.deepEqual(ask([picture]), { tokens: 13 * 256 + text, hasPictures: true });
  assert.deepEqual(ask([picture, film], { maxTiles: 6 }), {
    tokens: (7 + 8) * 256 + text,
    hasPictures: true,
  });
  assert.deepEqual(ask([], { document: 'x'.repeat(1000) }), { tokens: 500 + text, hasPictures: false });
});
