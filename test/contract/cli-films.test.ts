/** `ask film.mp4` from end to end: real processes, the embedded model, and a film of two seconds of a number, then circles. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AskResult } from '../../main/cli/ask-result.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('asking about films on the command line', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'cli-films-'));
  });
  after(() => rm(home, { recursive: true }));

  const ask = async (...args: string[]): Promise<AskResult> => {
    const command = [at('main/cli/index.ts'), 'ask', '--json', '--max-new-tokens', '16', ...args];
    const env = { ...process.env, INTERNVL_HOME: home };
    const { stdout } = await promisify(execFile)(process.execPath, command, { env });
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as AskResult;
  };
  const refusal = (...args: string[]) =>
    ask(...args).then(
      () => 'none',
      (error: { stdout: string }) => (JSON.parse(error.stdout) as { error: { code: string } }).error.code,
    );
  const film = at('test/support/films/samples.mp4');

  it('reads what the frames of a stretch show, and takes a file whose name ends so by its name', async () => {
    const circles = await ask('--frames', '1', `${film}#t=2-4`, 'How many circles are there?');
    assert.equal(circles.text, '3');
    const named = join(home, 'clip.mp4#t=2-4');
    await copyFile(film, named);
    const whole = await ask('--frames', '2', named, 'What is the number?');
    assert.equal(whole.text, '2064');
    const picture = { width: 112, height: 112, columns: 1, rows: 1, thumbnail: false, visualTokens: 16 };
    assert.deepEqual(whole.pictures, [
      { timeMs: 800, ...picture }, // get_index(None, 5, 19, 0, 2) = 4, 14
      { timeMs: 2800, ...picture },
    ]);
  });

  it('asks in the card’s words', async () => {
    const usual = await ask('--frames', '2', film, 'What is the number?');
    const words = 'Frame1: <image>\nFrame2: <image>\nWhat is the number?';
    assert.deepEqual((await ask('--frames', '2', film, words)).promptTokenIds, usual.promptTokenIds);
  });

  it('takes pictures and films together, and sees both scenes of a film with one cut', async () => {
    const options = ['--max-tiles', '1', '--frames', '2', '--scenes'];
    const { pictures } = await ask(...options, at('assets/samples/number.png'), film, 'What is the number?');
    assert.deepEqual(
      pictures.map(({ timeMs }) => (timeMs === undefined ? 'picture' : timeMs < 2000)),
      ['picture', true, false],
    );
  });

  it('refuses pages of films, seconds of pictures and stretches behind the end', async () => {
    assert.equal(await refusal(`${film}#page=2`, 'What?'), 'invalid_request');
    assert.equal(await refusal(`${at('assets/samples/number.png')}#t=0-2`, 'What?'), 'invalid_request');
    assert.equal(await refusal(`${film}#t=9-12`, 'What?'), 'invalid_request');
  });
});
