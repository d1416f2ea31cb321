/** A model on a server from the command line: asked by address and by name, evaluated, stopped, and kept offline. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask } from '../../main/cli/ask.ts';
import type { AskResult } from '../../main/cli/ask-result.ts';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { evaluate } from '../../main/cli/evaluate.ts';
import { models } from '../../main/cli/models.ts';
import { parseArguments } from '../../main/cli/parse-arguments.ts';
import type { RunContext } from '../../main/cli/run-context.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import { reportError } from '../../preload/contract/errors.ts';
import {
  beginStream,
  type MockServed,
  sendEvent,
  startMockModelServer,
  textChunk,
} from '../support/mock-model-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const receipt = join(root, 'assets', 'samples', 'receipt.png');
const embeddedModel = join(root, 'assets', 'embedded-model');
const key = 'sk-command-line';

interface Ran {
  code: number;
  out: string;
  err: string;
  result(): AskResult;
}

/** A server, a home of its own, and the commands run in this process with their real children. */
async function prepare(t: TestContext, served: MockServed = {}) {
  const server = await startMockModelServer({ key, ...served });
  t.after(() => server.close());
  const home = await temporaryFolder(t);
  const run = async (args: string[], serverKey = key, keyFile = ''): Promise<Ran> => {
    const said = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({ write: (text: string) => (said[name] += text) });
    const children = createChildren(childFiles);
    const context: RunContext = {
      terminal: createTerminal(stream('out'), stream('err')),
      children,
      signal: new AbortController().signal,
      modelCache: join(home, 'cache'),
      embeddedModel,
    };
    Object.assign(process.env, {
      INTERNVL_HOME: home,
      INTERNVL_SERVER_KEY: serverKey,
      INTERNVL_SERVER_KEY_FILE: keyFile,
    });
    let code = 0;
    try {
      const command = parseArguments(args);
      if (command.kind === 'models') code = await models(command, context);
      else if (command.kind === 'evaluate') await evaluate(command, context);
      else if (command.kind === 'ask') said.out += `${JSON.stringify(await ask(command, context))}\n`;
    } catch (error) {
      code = 1;
      said.err += reportError(error).message;
    } finally {
      await children.shutdownAll();
    }
    return { code, ...said, result: () => JSON.parse(said.out.trimEnd().split('\n').at(-1)!) as AskResult };
  };
  return { server, home, run };
}

test('a question goes to an address with its picture, and the answer says that it left this machine', async (t) => {
  const { server, run } = await prepare(t, { ownedBy: 'lmdeploy' });
  const asked = await run(['ask', '--model', server.origin, '--json', '--max-tiles', '4', receipt, 'Total?']);
  assert.equal(asked.code, 0, asked.err);
  assert.match(asked.err, /Note: Questions, pictures and documents are sent to 127\.0\.0\.1:\d+\./);
  const { text, device, counts, precision } = asked.result();
  assert.equal(text, 'The cat sleeps.');
  assert.match(device, /^remote:127\.0\.0\.1/);
  assert.deepEqual([counts?.newTokens, precision], [3, 'unknown']);
  const { body } = server.requests.at(-1)!;
  const [question] = body.messages as {
    content: { text?: string; image_url?: { max_dynamic_patch: number } }[];
  }[];
  assert.equal(question!.content[0]!.text, '<IMAGE_TOKEN>\nTotal?');
  assert.equal(question!.content[1]!.image_url!.max_dynamic_patch, 4);
});

test('Ctrl-C keeps what was said and closes the connection', async (t) => {
  const { server, home } = await prepare(t, {
    words: Array.from({ length: 300 }, () => 'tick '),
    pauseMs: 20,
  });
  const env = { ...process.env, INTERNVL_HOME: home, INTERNVL_SERVER_KEY: key };
  const args = [join(root, 'main/cli/index.ts'), 'ask', '--model', server.origin, 'Go on'];
  const cli = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  cli.stdout.on('data', (text) => {
    out += text;
    cli.kill('SIGINT');
  });
  const [code] = await once(cli, 'close');
  assert.equal(code, 130);
  assert.match(out, /^tick /);
  for (let tries = 0; server.cutOff === 0 && tries < 50; tries++) await sleep(10);
  assert.equal(server.cutOff, 1);
});

test('a server is added once, then asked by its id, listed as elsewhere, and removed', async (t) => {
  const { server, home, run } = await prepare(t);
  const added = await run(['models', 'add-remote', server.origin]);
  assert.equal(added.code, 0, added.err);
  const id = added.out.split('\n')[0]!;
  assert.match(id, /^remote-InternVL3-78B-127\.0\.0\.1/);
  assert.match(added.err, /The key is not kept/);
  assert.ok(
    !(await readFile(join(home, 'model-servers.json'), 'utf8')).includes(key),
    'no key is written down',
  );
  assert.equal((await run(['ask', '--model', id, '--json', 'Hello?'])).result().text, 'The cat sleeps.');
  assert.equal((await run(['ask', '--model', 'OpenGVLab/InternVL3-78B', '--json', 'Hello?'])).code, 0);
  const withoutKey = await run(['ask', '--model', id, 'Hello?'], '');
  assert.equal(withoutKey.code, 1);
  assert.match(withoutKey.err, /Set INTERNVL_SERVER_KEY/);
  assert.match((await run(['models', 'list'])).out, /leaves this machine/);
  assert.equal((await run(['models', 'check', id, '--files'])).code, 1, 'there are no files to check');
  assert.equal((await run(['models', 'remove', id])).code, 0);
  assert.ok(!(await run(['models', 'list'])).out.includes(id));
});

test('a wrong key, an address in the clear and options that a server decides are sentences', async (t) => {
  const { server, run } = await prepare(t);
  const wrong = await run(['ask', '--model', server.origin, 'Hi'], 'sk-wrong');
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /The server refuses this key/);
  assert.ok(!wrong.err.includes('sk-wrong'));
  assert.match((await run(['ask', '--model', 'http://gpu.example.org', 'Hi'])).err, /by https only/);
  const decided = await run(['ask', '--model', server.origin, '--precision', 'int8', 'Hi']);
  assert.match(decided.err, /decides by itself about precision/);
  assert.match(
    (await run(['models', 'add-remote', server.origin, '--model', 'other'])).err,
    /It serves: OpenGVLab/,
  );
});

test('a key is read from a file that only its owner can read, and from no other', {
  skip: process.platform === 'win32' && 'Windows has no such rights',
}, async (t) => {
  const { server, home, run } = await prepare(t);
  const id = (await run(['models', 'add-remote', server.origin])).out.split('\n')[0]!;
  const file = join(home, 'server.key');
  await writeFile(file, `${key}\n# of the lab\n`, { mode: 0o600 });
  const answered = await run(['ask', '--model', id, '--json', 'Hello?'], '', file);
  assert.equal(answered.result().text, 'The cat sleeps.');
  assert.equal((await run(['ask', '--model', server.origin, '--json', 'Hello?'], '', file)).code, 0);
  await chmod(file, 0o640);
  const seen = server.requests.length;
  const open = await run(['ask', '--model', id, 'Hello?'], '', file);
  assert.match(open.err, /Others can read the key file server\.key/);
  assert.ok(!open.err.includes(home), 'no path is told');
  assert.equal(server.requests.length, seen, 'nothing was sent');
  assert.equal(
    (await run(['ask', '--model', id, 'Hello?'], key, file)).code,
    0,
    'the variable stands before it',
  );
  await chmod(file, 0o600);
  await writeFile(file, '\n');
  assert.match((await run(['ask', '--model', id, 'Hello?'], '', file)).err, /holds no key/);
  assert.match((await run(['ask', '--model', id, 'Hello?'], '', `${file}.none`)).err, /can't be read/);
});

test('while the app is to stay offline no server is reached and nothing is fetched', async (t) => {
  const { server, home, run } = await prepare(t);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'model-settings.json'), JSON.stringify({ offline: true }));
  for (const args of [
    ['ask', '--model', server.origin, 'Hi'],
    ['models', 'add-remote', server.origin],
    ['models', 'get', 'owner/name'],
  ]) {
    const refused = await run(args);
    assert.equal(refused.code, 1, args.join(' '));
    assert.match(refused.err, /set to stay offline/, args.join(' '));
  }
  assert.equal(server.requests.length, 0);
});

test('an evaluation asks the server, scores its answers and goes on where it stopped', async (t) => {
  const { server, home, run } = await prepare(t, { words: ['cat'] });
  const dataset = join(home, 'questions.jsonl');
  const questions = ['cat', 'dog'].map((answer, id) => ({
    id: String(id),
    question: 'Which animal?',
    media: 'receipt.png',
    answers: [answer],
    metric: 'exactMatch',
  }));
  await mkdir(home, { recursive: true });
  await copyFile(receipt, join(home, 'receipt.png'));
  await writeFile(dataset, questions.map((question) => JSON.stringify(question)).join('\n'));
  const out = join(home, 'out');
  const first = await run(['evaluate', dataset, '--model', server.origin, '--out', out, '--json']);
  assert.equal(first.code, 0, first.err);
  const report = JSON.parse(first.out.trimEnd().split('\n').at(-1)!);
  assert.match(JSON.stringify(report), /"precision":"unknown"/);
  const asked = server.requests.filter(({ path }) => path.endsWith('completions')).length;
  assert.equal(asked, 2);
  const file = (await readdir(out)).find((name) => name.endsWith('.jsonl'))!;
  const answers = (await readFile(join(out, file), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .sort((one, other) => (one.at ?? -1) - (other.at ?? -1));
  assert.deepEqual(
    answers.slice(1).map(({ said, score }) => [said, score]),
    [
      ['cat', 1],
      ['cat', 0],
    ],
  );
  await run(['evaluate', dataset, '--model', server.origin, '--out', out, '--json']);
  assert.equal(
    server.requests.filter(({ path }) => path.endsWith('completions')).length,
    asked,
    'asked once',
  );
});

test('an evaluation asks a server several questions at once, never more than eight, and none twice', async (t) => {
  const { server, home, run } = await prepare(t);
  const dataset = join(home, 'questions.jsonl');
  const questions = Array.from({ length: 20 }, (_, id) => ({
    id: String(id),
    question: `What is number ${id}?`,
    answers: [`${id}`],
    metric: 'exactMatch',
  }));
  await mkdir(home, { recursive: true });
  await writeFile(dataset, questions.map((question) => JSON.stringify(question)).join('\n'));
  let [inside, most, seen] = [0, 0, 0];
  server.misbehave(async (response, { body }) => {
    inside += 1;
    seen += 1;
    most = Math.max(most, inside);
    // A batch fills up as long as there are questions for it.
    for (let tries = 0; most < 8 && tries < 500; tries++) await sleep(10);
    await sleep(seen % 3); // answers end in another order than they were asked in
    const asked = /What is number (\d+)/.exec(JSON.stringify(body))![1]!;
    beginStream(response);
    sendEvent(response, textChunk(asked, { finish_reason: 'stop' }));
    sendEvent(response, '[DONE]');
    inside -= 1;
    response.end();
  });
  const out = join(home, 'out');
  const ran = await run(['evaluate', dataset, '--model', server.origin, '--out', out, '--json']);
  assert.equal(ran.code, 0, ran.err);
  assert.equal(most, 8);
  assert.equal(seen, questions.length);
  const file = (await readdir(out)).find((name) => name.endsWith('.jsonl'))!;
  const lines = (await readFile(join(out, file), 'utf8')).trim().split('\n').slice(1);
  const results = lines.map((line) => JSON.parse(line) as { at: number; said: string; score: number });
  results.sort((one, other) => one.at - other.at);
  assert.deepEqual(
    results.map(({ at, said, score }) => [at, said, score]),
    questions.map(({ id }, at) => [at, id, 1]),
  );
});
