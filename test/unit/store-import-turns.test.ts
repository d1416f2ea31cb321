/** A large archive is imported in turns: whoever else asks the service is answered in between. */
import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import test from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { importArchive } from '../../main/service/store/exchange/import.ts';
import { readJsonItems } from '../../main/service/store/exchange/json-items.ts';
import { openTestStore } from '../support/open-test-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const longestTurnMs = 100;
const conversations = 150;

function* conversationList(): Generator<string> {
  const words = 'the quick brown fox jumps over the lazy dog, "said" {she} [and] left \u00e4\u6f22 '.repeat(
    12,
  );
  for (let number = 0; number < conversations; number++) {
    const mapping = Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [
        `n${at}`,
        {
          parent: at === 0 ? null : `n${at - 1}`,
          message: {
            author: { role: at % 2 === 0 ? 'user' : 'assistant' },
            content: { content_type: 'text', parts: [`${number}.${at} ${words}`] },
          },
        },
      ]),
    );
    yield `${number === 0 ? '[' : ',\n'}${JSON.stringify({ title: `Talk ${number}`, mapping })}`;
  }
  yield ']';
}

/** The most that this thread computed in one turn while the work went on, in milliseconds of CPU. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let isOver = false;
  const done = nextTurn()
    .then(work)
    .finally(() => {
      isOver = true;
    });
  let longest = 0;
  while (!isOver) {
    const before = process.threadCpuUsage();
    await nextTurn();
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
  }
  await done;
  return longest;
}

test('no turn of a large import computes for 100 ms', async (t) => {
  const { store } = await openTestStore(t);
  const path = join(await temporaryFolder(t), 'conversations.json');
  await pipeline(Readable.from(conversationList()), createWriteStream(path));
  let messages = 0;
  const longestMs = await longestTurn(async () => {
    messages = (await importArchive(store, path)).messages;
  });
  assert.equal(messages, conversations * 100);
  assert.ok(longestMs < longestTurnMs, `${longestMs} ms`);

  const text = await readFile(path, 'utf8');
  const large = `[${[text, text, text, text, text].join()}]`;
  const atOnceMs = await longestTurn(async () => JSON.parse(large));
  assert.ok(atOnceMs > longestTurnMs, `parsed at once: ${atOnceMs} ms (negative control)`);
});

test('items are found however the text is cut into chunks, and read as JSON.parse reads them', async () => {
  const items = [{ a: '[{"\\"}]', b: [1, { c: null }] }, [], 'x,]"', -1.5e3, true, null, { 漢: '字' }];
  const read = async (text: string, size: number) => {
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    return Array.fromAsync(readJsonItems(Readable.from(chunks)));
  };
  for (const size of [1, 2, 3, 7, 1000]) {
    assert.deepEqual(await read(JSON.stringify(items), size), items);
    assert.deepEqual(await read(JSON.stringify(items, null, 2), size), items);
    assert.deepEqual(await read(`${JSON.stringify(items[0])}\n{}\n`, size), [items[0], {}]);
    assert.deepEqual(await read('42', size), [42]);
    for (const torn of [
      '',
      ' ',
      '[',
      '[1',
      '[{}',
      '{"a":1',
      '"a',
      ']',
      '}',
      '[}',
      '[1}',
      '{} nonsense',
      '[1 2]x',
    ])
      await assert.rejects(read(torn, size), { code: 'media_broken' }, torn);
  }
});
