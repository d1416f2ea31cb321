/** `evaluate` with its real processes and a scripted engine: stopped, killed, gone on with, compared, and met by bad files. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { parseEvaluate } from '../../main/cli/evaluate/parse-evaluate.ts';
import { evaluate } from '../../main/cli/evaluate.ts';
import type { RunContext } from '../../main/cli/run-context.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import type { EvaluationReport } from '../../native-models/evaluation/report/evaluation-report.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const support = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));

/** A folder with a scripted model and a data set of the given lines. */
async function setUp(t: TestContext, lines: unknown[]): Promise<{ folder: string; args: string[] }> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model', 'manifest.json'), '{}');
  await writeFile(join(folder, 'mine.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const args = [join(folder, 'mine.jsonl'), '--model', join(folder, 'model'), '--out', join(folder, 'out')];
  return { folder, args };
}

interface Ran {
  report: EvaluationReport | null;
  stdout: string;
  stderr: string;
}

/** Runs in this process, so that a test can choose the children. */
async function run(folder: string, args: string[], media = childFiles.media): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[name] += text;
    },
  });
  const children = createChildren({ ...childFiles, engine: support('scripted-engine-child.ts'), media });
  const context: RunContext = {
    terminal: createTerminal(stream('stdout'), stream('stderr')),
    children,
    signal: new AbortController().signal,
    modelCache: join(folder, 'cache'),
    embeddedModel: join(folder, 'model'),
  };
  try {
    return { report: await evaluate(parseEvaluate(args)!, context), ...said };
  } finally {
    await children.shutdownAll();
  }
}

/** The same as a command of its own, which can be killed. */
function start(folder: string, args: string[]): { process: ChildProcess; done: Promise<number | null> } {
  const env = { ...process.env, INTERNVL_HOME: join(folder, 'home') };
  const cli = spawn(process.execPath, [support('cli-with-scripted-child.ts'), 'evaluate', ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const done = once(cli, 'close').then(([code]) => code as number | null);
  return { process: cli, done };
}

async function answersIn(folder: string): Promise<{ at: number; said: string }[]> {
  const names = await readdir(join(folder, 'out')).catch(() => []);
  const name = names.find((one) => one.startsWith('answers-'));
  if (!name) return [];
  const [, ...lines] = (await readFile(join(folder, 'out', name), 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { at: number; said: string });
}

async function untilAnswers(folder: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await answersIn(folder).catch(() => [])).length < count) {
    assert.ok(Date.now() < deadline, 'the evaluation gets going');
    await sleep(20);
  }
}

const slow = Array.from({ length: 12 }, () => ({ question: 'count 3 40', answers: '1 2 3' }));

test('a killed evaluation goes on where it stopped, and asks no question twice', async (t) => {
  const { folder, args } = await setUp(t, slow);
  const first = start(folder, args);
  await untilAnswers(folder, 3);
  first.process.kill('SIGKILL');
  await first.done;
  const before = await answersIn(folder);
  assert.ok(before.length >= 3 && before.length < 12);
  const { report, stderr } = await run(folder, args);
  assert.match(stderr, new RegExp(`${before.length} of 12 questions were answered before`));
  assert.deepEqual([report?.complete, report?.sides[0]?.asked, report?.sides[0]?.score.mean], [true, 12, 1]);
  const after = await answersIn(folder);
  assert.deepEqual(
    after.map(({ at }) => at),
    Array.from({ length: 12 }, (_, at) => at),
  );
  assert.deepEqual(after.slice(0, before.length), before);
});

test('Ctrl-C keeps what was answered and reports it as unfinished', async (t) => {
  const { folder, args } = await setUp(t, slow);
  const cli = start(folder, args);
  await untilAnswers(folder, 2);
  cli.process.kill('SIGINT');
  assert.equal(await cli.done, 130);
  const answered = await answersIn(folder);
  assert.ok(answered.length >= 2 && answered.length < 12);
  assert.ok(
    answered.every(({ said }) => said.trim() === '1 2 3'),
    'half an answer is none',
  );
  const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as EvaluationReport;
  assert.deepEqual([report.complete, report.sides[0]?.asked], [false, answered.length]);
  assert.match(await readFile(join(folder, 'out', 'report.html'), 'utf8'), /this run is not finished/);
});

test('two models are asked the same questions, one after the other, and compared', async (t) => {
  const { folder, args } = await setUp(t, [
    { question: 'say yes', answers: 'yes' },
    { question: 'say no', answers: 'yes' },
  ]);
  await mkdir(join(folder, 'other'));
  await writeFile(join(folder, 'other', 'manifest.json'), '{"name": "other"}');
  const { report, stdout } = await run(folder, [...args, '--against', join(folder, 'other')]);
  assert.deepEqual(
    report?.sides.map(({ title, asked, score }) => [title, asked, score.mean]),
    [
      ['scripted int4', 2, 0.5],
      ['other int4', 2, 0.5],
    ],
  );
  assert.equal(report?.comparison?.verdict, 'undecided');
  assert.match(stdout, /No difference between scripted int4 and other int4 can be told from 2 questions/);
  assert.equal(report?.failures[0]?.sides.length, 2);
  const json = await run(folder, [...args, '--json', '--limit', '1']);
  const line = JSON.parse(json.stdout) as EvaluationReport;
  assert.deepEqual([line.sides[0]?.asked, line.sides[0]?.score.mean], [1, 1], '--limit leaves the rest out');
});

test('pictures stand before the first turn, later turns see the model’s own answers', async (t) => {
  const { folder, args } = await setUp(t, []);
  for (const name of ['a.png', 'b.png']) {
    await sharp({ create: { width: 112, height: 56, channels: 3, background: '#30c060' } })
      .png()
      .toFile(join(folder, name));
  }
  const row = { files: ['a.png', 'b.png'], kind: 'several', frames: true, answer: 'x' };
  const file = join(folder, 'held-out.jsonl');
  await writeFile(file, JSON.stringify({ ...row, questions: ['say one', 'describe'] }));
  await run(folder, [file, ...args.slice(1)]);
  const [answer] = await answersIn(folder);
  const { messages } = JSON.parse(answer!.said) as { messages: unknown[][] };
  const frame = (number: number) => [`${number > 1 ? '\n' : ''}Frame${number}: `, 'pictures'];
  const shape = messages.map((parts) => parts.map((part) => (Array.isArray(part) ? 'pictures' : part)));
  assert.deepEqual(shape, [
    ['system', 'You are a script.'],
    ['user', ...frame(1), ...frame(2), '\nsay one'],
    ['assistant', 'one '],
    ['user', 'describe'],
  ]);
});

test('a benchmark’s own pictures and films are shown as it is usually run', async (t) => {
  const { folder, args } = await setUp(t, []);
  const [film] = await readdir(support('films'));
  await copyFile(support(`films/${film}`), join(folder, film!));
  const wide = sharp({ create: { width: 336, height: 112, channels: 3, background: '#30c060' } }).png();
  const image = (await wide.toBuffer()).toString('base64');
  const row = (fields: string[]) => fields.join('\t');
  const head = ['index', 'image', 'question', 'A', 'B', 'answer'];
  const text = [head, ['7', image, 'describe it', 'x', 'y', 'B']].map(row).join('\n');
  await writeFile(join(folder, 'BLINK.tsv'), text);
  await writeFile(
    join(folder, 'mine.jsonl'),
    JSON.stringify({ question: 'describe', media: film, answers: 'x', frames: 3 }),
  );
  const askedIn = async (dataset: string, ...more: string[]) => {
    const out = join(folder, `out-${dataset}`);
    await run(folder, [join(folder, dataset), ...args.slice(1, 3), '--out', out, ...more]);
    const name = (await readdir(out)).find((one) => one.startsWith('answers-'))!;
    const [, answer] = (await readFile(join(out, name), 'utf8')).split('\n');
    const { said } = JSON.parse(answer!) as { said: string };
    const parts = (JSON.parse(said) as { messages: unknown[][] }).messages.at(-1)!.slice(1);
    return {
      text: parts.filter((part) => typeof part === 'string').join(''),
      tiles: parts.flatMap((part) => (Array.isArray(part) ? (part as { tileCount: number }[]) : [])),
    };
  };
  const blink = await askedIn('BLINK.tsv');
  assert.match(blink.text, /^\ndescribe it\nA\. x\nB\. y\nAnswer with the option/);
  assert.deepEqual(
    blink.tiles.map(({ tileCount }) => tileCount),
    [4],
    'three beside each other and the thumbnail',
  );
  const frames = await askedIn('mine.jsonl');
  assert.equal(frames.text, 'Frame1: \nFrame2: \nFrame3: \ndescribe');
  assert.deepEqual(
    frames.tiles.map(({ tileCount }) => tileCount),
    [1, 1, 1],
  );
});

test('a picture that is missing, broken or deadly counts as wrong, and the others are asked', async (t) => {
  const { folder, args } = await setUp(t, [
    { question: 'say yes', answers: 'yes', media: 'gone.png' },
    { question: 'say yes', answers: 'yes', media: 'broken.png' },
    { question: 'say no', answers: 'yes', media: 'deadly.png' },
    { question: 'say yes', answers: 'yes', media: 'good.png' },
    { question: 'say no', answers: 'yes', media: 'good.png' },
  ]);
  const good = sharp({ create: { width: 56, height: 56, channels: 3, background: '#30c060' } }).png();
  await good.toFile(join(folder, 'good.png'));
  const bytes = await readFile(join(folder, 'good.png'));
  await writeFile(join(folder, 'broken.png'), bytes.subarray(0, 40));
  // What stands behind a picture's end is not read, but the stand-in process dies of it when it draws a thumbnail.
  await writeFile(join(folder, 'deadly.png'), Buffer.concat([bytes, Buffer.from('deadly')]));
  const { report } = await run(folder, args, support('dying-media-child.ts'));
  assert.deepEqual(
    [report?.sides[0]?.asked, report?.sides[0]?.failed, report?.sides[0]?.score.mean],
    [5, 2, 0.2],
  );
  assert.equal(report?.failureCount, 4);
  const page = await readFile(join(folder, 'out', 'report.html'), 'utf8');
  assert.equal(
    page.match(/data:image\/webp/g)?.length,
    1,
    'the good picture is drawn, by a process started anew',
  );
  assert.match(page, /Could not be asked: /);
  for (const name of await readdir(join(folder, 'out'))) {
    const text = await readFile(join(folder, 'out', name), 'utf8');
    assert.ok(!text.includes(folder), `no path of this machine in ${name}`);
  }
});

test('a data set that can’t be used ends the run before any model is opened', async (t) => {
  const { folder, args } = await setUp(t, [{ question: 'say yes', answers: 'yes', media: '../secret.png' }]);
  await assert.rejects(run(folder, args), { code: 'path_refused' });
  await writeFile(join(folder, 'mine.jsonl'), '{"question"');
  await assert.rejects(run(folder, args), { code: 'media_broken' });
  await writeFile(join(folder, 'mine.jsonl'), '\n\n');
  await assert.rejects(run(folder, args), { code: 'media_broken', message: /no questions/ });
  await assert.rejects(run(folder, [join(folder, 'gone.tsv')]), { code: 'not_found' });
  assert.deepEqual(await readdir(folder), ['mine.jsonl', 'model'], 'nothing was made');
});

test('a changed data set is not mixed with answers to the old one', async (t) => {
  const { folder, args } = await setUp(t, [{ question: 'say yes', answers: 'yes' }]);
  await run(folder, args);
  await writeFile(join(folder, 'mine.jsonl'), JSON.stringify({ question: 'say no', answers: 'no' }));
  await assert.rejects(run(folder, args), { code: 'invalid_request', message: /another data set/ });
});
