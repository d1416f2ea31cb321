/**
 * A real server of another project: llama.cpp's, from a PyPI wheel, with the embedded model written as GGUF on the spot.
 * It answers about pictures as the engine here does, streams, stops, weighs, keeps to a schema, and refuses in its own words.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AskResult } from '../../main/cli/ask-result.ts';
import { type ChatMessage, loadImage, type Pipeline, pipeline } from '../../native-models/index.ts';
import { openRemoteModel } from '../../native-models/remote/remote-model.ts';
import { defaultSystemText } from '../../native-models/text/chat-template.ts';
import { AppError } from '../../preload/contract/errors.ts';
import { type LlamaServer, startLlamaServer } from '../support/llama-server/start-llama-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = (name: string) => join(root, 'assets', 'samples', name);
const isCode = (code: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

/** As the app asks it: the system text that the model was trained with, the picture, the words. */
async function question(file: string, words: string): Promise<ChatMessage[]> {
  const image = await loadImage(sample(file), { maxTiles: 12 });
  return [
    { role: 'system', content: defaultSystemText },
    {
      role: 'user',
      content: [
        { type: 'image', image },
        { type: 'text', text: words },
      ],
    },
  ];
}

describe('llama.cpp’s server', () => {
  let server: LlamaServer;
  let remote: Pipeline;
  let local: Pipeline;

  const cleanups: (() => unknown)[] = [];
  const cleanup = { after: (work: () => unknown) => void cleanups.push(work) };
  after(async () => {
    for (const work of cleanups.reverse()) await work();
  });

  before(async () => {
    server = await startLlamaServer(cleanup);
    remote = await pipeline(server.url, { key: server.key });
    local = await pipeline(join(root, 'assets', 'embedded-model'), {
      precision: 'fp32',
      cacheFolder: await temporaryFolder(cleanup),
    });
    console.log(`listening after ${Math.round(server.startMs)} ms`);
  });

  it('says what it is, and what it can’t do is known', async () => {
    const model = await openRemoteModel({ url: server.url, key: server.key, model: null });
    const { name, remote: place, contextLength, notes } = model.description;
    assert.deepEqual([name, place?.server, contextLength], ['embedded', 'llama.cpp', 2048]);
    assert.ok(notes.some((note) => note.includes('regular expression')));
  });

  it('answers every sample about its picture as the engine here does, with the same likelihoods', async () => {
    const samples = JSON.parse(await readFile(sample('samples.json'), 'utf8')) as {
      file: string;
      question: string;
      answer: string;
    }[];
    for (const { file, question: words, answer } of samples) {
      const asked = await question(file, words);
      const [there, here] = [
        await remote(asked, { generation: { logprobs: 0 } }),
        await local(asked, { generation: { logprobs: 0 } }),
      ];
      assert.equal(there.text, answer, file);
      assert.equal(there.text, here.text, file);
      const weights = [there, here].map(({ logprobs }) =>
        logprobs!.slice(0, here.tokenIds.length).map(({ logprob }) => logprob),
      );
      const apart = Math.max(...weights[0]!.map((logprob, at) => Math.abs(logprob - weights[1]![at]!)));
      console.log(
        `${file}: ${there.inputTokenLen} tokens read there, ${here.inputTokenLen} here; first word after ${Math.round(there.timings.firstTokenMs)} ms there, ${Math.round(here.timings.firstTokenMs)} ms here; log-probabilities at most ${apart.toFixed(4)} apart`,
      );
      // Two implementations of the resizing and of GELU; a wrong picture or prompt moves them by whole units.
      assert.ok(apart < 0.5, `${file}: ${apart}`);
    }
  });

  it('streams, batches and writes several answers', async () => {
    const asked = await question('number.png', 'What is the number?');
    const pieces: string[] = [];
    for await (const { text } of remote.stream(asked)) if (text !== '') pieces.push(text);
    assert.equal(pieces.join(''), '2064');
    assert.ok(pieces.length > 1, 'word by word');
    const batch = await remote([asked, asked, asked]);
    assert.deepEqual(
      batch.map(({ text }) => text),
      ['2064', '2064', '2064'],
    );
    const several = await remote(asked, {
      generation: { n: 3, temperature: 1, random_seed: 1, max_new_tokens: 8 },
    });
    assert.equal(several.choices.length, 3);
  });

  it('stops when it is told to, and answers the next question', async () => {
    const stop = new AbortController();
    let text = '';
    const asked: ChatMessage[] = [{ role: 'user', content: 'a b c d e f g' }];
    const generation = { max_new_tokens: 1500, temperature: 5, random_seed: 4 };
    for await (const piece of remote.stream(asked, { generation, signal: stop.signal })) {
      text += piece.text;
      if (text.length > 20) stop.abort();
      if (piece.response) assert.equal(piece.response.finishReason, 'aborted');
    }
    assert.equal((await remote(await question('number.png', 'What is the number?'))).text, '2064');
  });

  it('keeps to a JSON schema, goes on with an answer, and refuses what it can’t do', async () => {
    const schema = { type: 'object', properties: { number: { enum: ['2064'] } }, required: ['number'] };
    const asked = await question('number.png', 'What is the number?');
    const format = { type: 'json_schema' as const, json_schema: { schema } };
    const { text } = await remote(asked, { generation: { response_format: format, max_new_tokens: 60 } });
    assert.deepEqual(JSON.parse(text), { number: '2064' });
    const regex = { type: 'regex_schema' as const, regex_schema: '[0-9]+' };
    await assert.rejects(
      remote(asked, { generation: { response_format: regex } }),
      isCode('invalid_request'),
    );
    const model = await openRemoteModel({ url: server.url, key: server.key, model: null });
    const parts = (text: string) => [{ type: 'text' as const, text }];
    const begun = [
      { role: 'user' as const, parts: parts('a') },
      { role: 'assistant' as const, parts: parts('20') },
    ];
    const request = { messages: begun, continueLastAnswer: true, generation: { maxNewTokens: 4 } };
    for await (const event of model.generate(request, new AbortController().signal)) {
      if (event.type === 'end') assert.ok((event.counts?.promptTokens ?? 0) > 0, 'it read the begun answer');
    }
  });

  it('refuses a wrong key and a question that is too long, in sentences of ours', async () => {
    await assert.rejects(pipeline(server.url, { key: 'wrong' }), isCode('access_denied'));
    await assert.rejects(remote('word '.repeat(5000)), isCode('context_too_long'));
  });

  it('answers the command line', async (t) => {
    const env = { ...process.env, INTERNVL_HOME: await temporaryFolder(t), INTERNVL_SERVER_KEY: server.key };
    const args = [
      'ask',
      '--model',
      server.url,
      '--system',
      defaultSystemText,
      '--json',
      sample('receipt.png'),
    ];
    const cli = spawn(process.execPath, [join(root, 'main/cli/index.ts'), ...args, 'What is the total?'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    cli.stdout.on('data', (text) => (out += text));
    assert.deepEqual(await once(cli, 'close'), [0, null]);
    const result = JSON.parse(out.trimEnd().split('\n').at(-1)!) as AskResult;
    assert.equal(result.text, '84.78');
    console.log(
      `command line: first word after ${Math.round(result.timings.firstTokenMs)} ms, ${result.counts?.newTokens} tokens`,
    );
  });
});
