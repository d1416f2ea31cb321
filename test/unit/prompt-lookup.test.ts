/** Guesses at the next tokens come from what is being copied or from the most alike place, and stop where they never come true. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createPromptLookup } from '../../native-models/inference/prompt-lookup.ts';
import { createSourceCursor } from '../../native-models/inference/source-cursor.ts';

const end = '<end>';

/** Tokens by their text: each new text gets the next id. */
function spelled() {
  const texts: string[] = [];
  const idOf = (text: string) => (texts.includes(text) ? texts.indexOf(text) : texts.push(text) - 1);
  return {
    ids: (...all: string[]) => all.map(idOf),
    texts: (ids: readonly number[]) => ids.map((id) => texts[id]!),
    tokens: { textOf: (id: number) => texts[id]!, isUnsaid: (id: number) => texts[id] === end },
  };
}

/** What is guessed after an answer's beginning. */
function guessAfter(prompt: string[], said: string[], most = 15): string[] {
  const { ids, texts, tokens } = spelled();
  const prompted = ids(...prompt);
  const lookup = createPromptLookup(prompted, tokens);
  return texts(lookup.guess([...prompted, ...ids(...said)], most));
}

test('the guess is what followed the longest likeness, not the latest place', () => {
  const prompt = ['(', '[', '!', '?', 'a', '.', ')', '?', 'b', '.', '('];
  assert.deepEqual(guessAfter(prompt, ['[', '!', '?']).slice(0, 2), ['a', '.']);
  assert.deepEqual(guessAfter(prompt, [')', '?']).slice(0, 2), ['b', '.']);
});

test('a value is guessed to the end of its cell, though its first token is another one', () => {
  const prompt = ['|', ' Ki', 'el', '-', 'Nord', ' |', ' 38', ' |'];
  assert.deepEqual(guessAfter(prompt, ['"', 'Ki']), ['el', '-', 'Nord']);
});

test('what is copied with its marks is guessed beyond them', () => {
  const prompt = ['|', ' Kiel', ' |', ' 38', ' |', ' Lyon', ' |'];
  assert.deepEqual(guessAfter(prompt, [' Kiel', ' |']), [' 38', ' |', ' Lyon', ' |']);
});

test('values are followed in their order: of equal ones the next is meant', () => {
  const { ids, texts, tokens } = spelled();
  const cursor = createSourceCursor(ids('Alice', '|', '7', '1', '|', 'Bob', '|', '7', '2', '|'), tokens);
  for (const id of ids('Alice', '"', '7')) cursor.follow(id);
  assert.deepEqual(texts(cursor.rest(5)), ['1']);
  for (const id of ids('1', '"', 'Bob', '"', '7')) cursor.follow(id);
  assert.deepEqual(texts(cursor.rest(5)), ['2']);
});

test('behind a value comes what came behind the one before, however long both are', () => {
  const prompt = ['|', ' Alice', ' More', 'au', '|', ' Bob', '|'];
  const first = ['{', 'name', '"', 'Alice', ' More', 'au', '",', 'age', ':', '}'];
  assert.deepEqual(guessAfter(prompt, [...first, '{', 'name', '"', 'Bob', '",']).slice(0, 3), [
    'age',
    ':',
    '}',
  ]);
});

test('no guess is longer than the room that is left, or reaches past what is not said', () => {
  const prompt = ['(', '[', '!', '.', '?', '('];
  assert.deepEqual(guessAfter(prompt, ['[', '!'], 1), ['.']);
  assert.deepEqual(guessAfter(prompt, ['[', '!'], 0), []);
  assert.deepEqual(guessAfter(prompt, ['[', '!'], -1), []);
  assert.deepEqual(guessAfter(['(', '[', '!', '.', end, '?', '('], ['[', '!']), ['.']);
});

test('where nothing repeats nothing is guessed', () => {
  assert.deepEqual(guessAfter(['a', 'b'], ['c']), []);
  assert.deepEqual(guessAfter([], ['c']), []);
});

test('guesses that come true grow, and those that never do cost less than a row in a dozen tokens', () => {
  const { ids, tokens } = spelled();
  const marks = Array.from({ length: 40 }, (_, at) => `.${'.'.repeat(at)}`);
  const prompt = ids(...marks, ...marks.slice(0, 3));
  const said = [...prompt, ...ids(marks[3]!)];
  const right = createPromptLookup(prompt, tokens);
  const first = right.guess(said, 15).length;
  for (let round = 0; round < 8; round++) right.learn(right.guess(said, 15).length);
  assert.ok(first > 0 && first <= 15);
  assert.equal(right.guess(said, 15).length, 15);

  const wrong = createPromptLookup(prompt, tokens);
  let rows = 0;
  const asked = 400;
  for (let token = 0; token < asked; token++) {
    const guessed = wrong.guess(said, 15);
    if (guessed.length === 0) continue;
    if (token >= 50) rows += guessed.length;
    wrong.learn(0);
  }
  assert.ok(rows > 0, 'it tries again now and then');
  assert.ok(rows < asked / 12, `${rows} rows for ${asked} tokens`);
});
