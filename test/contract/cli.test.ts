/** The command line as a person or a script meets it: what is printed where, and how it ends. The engine is scripted. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { AskResult } from '../../main/cli/ask-result.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import { childrenOf, untilGone } from '../support/child-liveness.ts';

const firstOutput = (cli: ChildProcess) => new Promise((resolve) => cli.stdout?.once('data', resolve));
const cliFile = fileURLToPath(new URL('../support/cli-with-scripted-child.ts', import.meta.url));

interface Run {
  exitCode: number;
  stdout: string;
  stderr: string;
}

describe('ask', () => {
  let folder: string;
  let wide: string;
  let square: string;

  const start = (...args: string[]): { process: ChildProcess; done: Promise<Run> } => {
    const env = { ...process.env, INTERNVL_HOME: join(folder, 'home') };
    const cli = spawn(process.execPath, [cliFile, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const run: Run = { exitCode: -1, stdout: '', stderr: '' };
    cli.stdout.setEncoding('utf8').on('data', (text: string) => {
      run.stdout += text;
    });
    cli.stderr.setEncoding('utf8').on('data', (text: string) => {
      run.stderr += text;
    });
    const done = once(cli, 'close').then(([code]) => ({ ...run, exitCode: code as number }));
    return { process: cli, done };
  };
  const ask = (...args: string[]) => start('ask', '--model', folder, ...args).done;
  const lastLine = ({ stdout }: Run) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  const askWhatIsAsked = async (...args: string[]) => {
    const result = lastLine(await ask('--json', ...args)) as AskResult;
    return { result, told: JSON.parse(result.text) as { messages: unknown[][]; generation: object } };
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-'));
    wide = join(folder, 'wide.png');
    square = join(folder, 'square.png');
    const paint = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#30c060' } }).png();
    await writeFile(join(folder, 'manifest.json'), '{}');
    await paint(112, 56).toFile(wide);
    await paint(56, 56).toFile(square);
  });
  after(() => rm(folder, { recursive: true }));

  it('prints the answer and nothing else on stdout', async () => {
    const run = await ask('say hello world');
    assert.equal(run.stdout, 'hello world \n');
    assert.equal(run.exitCode, 0);
    assert.match(run.stderr, /^2 tokens, .*tokens\/s\n$/);
  });

  it('with --thinking, thoughts go to stderr and the answer to stdout', async () => {
    const run = await ask('--thinking', 'say <think> two and two </think> four');
    assert.equal(run.stdout, 'four \n');
    assert.match(run.stderr, /^ two and two \n.*tokens/);
    const cut = await ask('--thinking', 'say <think> two and');
    assert.equal(cut.stdout, '');
    assert.match(cut.stderr, /two and \n/);
    const json = lastLine(await ask('--thinking', '--json', 'say <think> two </think> four')) as AskResult;
    assert.deepEqual([json.text, json.thought], ['four ', ' two ']);
    const asked = JSON.parse(lastLine(await ask('--thinking', '--json', 'describe')).text);
    assert.equal(asked.generation.temperature, 0.6);
    const own = JSON.parse(
      lastLine(await ask('--thinking', '--temperature', '0.2', '--json', 'describe')).text,
    );
    assert.equal(own.generation.temperature, 0.2);
  });

  it('streams the answer as it comes', async () => {
    const { process: cli, done } = start('ask', '--model', folder, 'count 3 300');
    const seenMs: number[] = [];
    cli.stdout?.on('data', () => seenMs.push(Date.now()));
    const run = await done;
    assert.equal(run.stdout, '1 2 3 \n');
    assert.ok((seenMs.at(-1) ?? 0) - (seenMs[0] ?? 0) > 400, 'all of it came at once');
  });

  it('ends with one line of JSON that tells everything', async () => {
    const run = await ask('--json', wide, 'say 42');
    const { timings, peakRssBytes, ...rest } = lastLine(run) as AskResult;
    assert.deepEqual(rest, {
      text: '42 ',
      tokenIds: [0],
      promptTokenIds: [0, 1, 2],
      pictures: [{ width: 112, height: 56, columns: 2, rows: 1, thumbnail: true, visualTokens: 12 }],
      stopReason: 'eos',
      precision: 'int4',
      device: 'cpu',
    });
    const names = 'loadMs preprocessMs visionMs prefillMs firstTokenMs decodeMs decodeTokensPerSecond';
    assert.deepEqual(Object.keys(timings), names.split(' '));
    assert.ok(timings.preprocessMs > 0 && timings.firstTokenMs === timings.preprocessMs + 3);
    assert.ok(peakRssBytes > 3 * 20e6, 'three processes hold more than that');
    assert.equal(run.exitCode, 0);
  });

  it("asks with the model's system text, one picture first, and what was chosen", async () => {
    const { told } = await askWhatIsAsked('--seed', '3', '--temperature', '0.5', square, 'describe');
    const [system, user] = told.messages;
    assert.deepEqual(system, ['system', 'You are a script.']);
    assert.deepEqual([user?.[0], user?.[2]], ['user', '\ndescribe']);
    assert.deepEqual(told.generation, { seed: 3, temperature: 0.5 });
    const plain = await askWhatIsAsked('--system', '', 'describe');
    assert.deepEqual(plain.told.messages, [['user', 'describe']]);
    const own = await askWhatIsAsked('--system', 'Be brief.', 'describe');
    assert.deepEqual(own.told.messages[0], ['system', 'Be brief.']);
  });

  it('numbers several pictures, or places them where the question says', async () => {
    const numbered = await askWhatIsAsked(square, wide, 'describe');
    const texts = (parts: unknown[] | undefined) =>
      parts?.map((part) => (typeof part === 'string' ? part : '*'));
    assert.deepEqual(texts(numbered.told.messages[1]), [
      'user',
      'Image-1: ',
      '*',
      '\nImage-2: ',
      '*',
      '\ndescribe',
    ]);
    const placed = await askWhatIsAsked(square, wide, 'From <image> to <image> describe');
    assert.deepEqual(texts(placed.told.messages[1]), ['user', 'From ', '*', ' to ', '*', ' describe']);
    const combined = await askWhatIsAsked(square, wide, '<image> describe');
    const [, pictures] = combined.told.messages[1] ?? [];
    assert.ok(Array.isArray(pictures) && pictures.length === 2);
  });

  it('cuts pictures into at most the asked tiles', async () => {
    const { result } = await askWhatIsAsked('--max-tiles', '1', wide, 'describe');
    assert.deepEqual([result.pictures[0]?.columns, result.pictures[0]?.thumbnail], [1, false]);
  });

  it('keeps what was said at Ctrl-C and says so', async () => {
    const { process: cli, done } = start('ask', '--json', '--model', folder, 'count 1000 10');
    await firstOutput(cli);
    cli.kill('SIGINT');
    const run = await done;
    const result = lastLine(run) as AskResult;
    assert.equal(result.stopReason, 'aborted');
    assert.match(result.text, /^1 /);
    assert.ok(run.stdout.startsWith(`${result.text}\n`));
    assert.equal(run.exitCode, 130);
  });

  it('ends at once at a second Ctrl-C, and takes its children along', async () => {
    const { process: cli, done } = start('ask', '--model', folder, 'block');
    await firstOutput(cli);
    await sleep(200);
    const children = childrenOf(cli.pid ?? 0);
    cli.kill('SIGINT');
    await sleep(100);
    assert.equal(cli.exitCode, null, 'one Ctrl-C waits for the answer so far');
    cli.kill('SIGINT');
    assert.equal((await done).exitCode, 130);
    for (const pid of children) await untilGone(pid, 2000);
  });

  it('says what went wrong as JSON, or as a sentence', async () => {
    const json = await ask('--json', 'die');
    assert.deepEqual(Object.keys(lastLine(json)), ['error']);
    assert.equal(lastLine(json).error.code, 'child_gone');
    assert.equal(json.exitCode, 1);
    const plain = await ask('die');
    assert.deepEqual([plain.stdout, plain.exitCode], ['', 1]);
    assert.match(plain.stderr, /^The engine process ended unexpectedly\./);
  });

  it('tells apart a wrong command line, a missing file, a missing model and a wrong count of pictures', async () => {
    const codeOf = async (...args: string[]) => {
      const run = await start('ask', '--json', ...args).done;
      return [lastLine(run).error.code, run.exitCode];
    };
    const missing = join(folder, 'missing.png');
    const noise = join(folder, 'noise.bin');
    await writeFile(
      noise,
      new Uint8Array(500).map((_, index) => (index * 37) % 256),
    );
    const three = '<image> <image> <image> describe';
    assert.deepEqual(await codeOf('--top-k', 'x', 'What?'), ['invalid_request', 2]);
    assert.deepEqual(await codeOf('--model', folder, missing, 'What?'), ['not_found', 1]);
    assert.deepEqual(await codeOf('--model', folder, noise, 'What?'), ['media_unsupported', 1]);
    assert.deepEqual(await codeOf('--model', join(folder, 'none'), 'What?'), ['not_found', 1]);
    const nowhere = join(folder, 'none'); // what is wrong with a question is said before anything is done for it
    assert.deepEqual(await codeOf('--model', nowhere, square, square, three), ['invalid_request', 1]);
    assert.deepEqual(await codeOf('--model', nowhere, three), ['invalid_request', 1]);
    assert.deepEqual(await codeOf('--model', folder, '--precision', 'fp32', 'What?'), ['invalid_request', 1]);
  });
});

describe('the terminal', () => {
  const fake = (isTTY: boolean) => {
    const output = { isTTY, written: '', write: (text: string) => (output.written += text) };
    return output;
  };

  it('shows progress only where a person looks, and wipes it before the answer', () => {
    const [stdout, stderr] = [fake(true), fake(true)];
    const terminal = createTerminal(stdout, stderr);
    terminal.showStatus('Loading…');
    terminal.say('Hello');
    assert.equal(stderr.written, '\r\u001b[KLoading…\r\u001b[K');
    const piped = fake(false);
    createTerminal(fake(false), piped).showStatus('Loading…');
    assert.equal(piped.written, '');
  });

  it('is not steered by control characters in the answer, while a pipe gets them as they are', () => {
    const hostile = 'a\u001b]0;title\u0007b\u009b2Jc\r\n\td\u007f';
    const [screen, pipe] = [fake(true), fake(false)];
    createTerminal(screen, fake(true)).say(hostile);
    createTerminal(pipe, fake(true)).say(hostile);
    assert.equal(screen.written, 'a]0;titleb2Jc\n\td');
    assert.equal(pipe.written, hostile);
  });
});
