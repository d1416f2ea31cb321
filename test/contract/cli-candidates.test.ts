/** `ask --candidates N [--critic FOLDER]` over the real engine: what is taken, why, and what is said where a critic can't be used. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask } from '../../main/cli/ask.ts';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { parseArguments } from '../../main/cli/parse-arguments.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { addTinyCritic } from '../support/tiny-critic.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const receipt = join(root, 'assets', 'samples', 'receipt.png');

async function run(t: TestContext, ...args: string[]) {
  const home = await temporaryFolder(t);
  const said = { out: '', err: '' };
  const command = parseArguments(['ask', '--max-new-tokens', '16', '--seed', '3', ...args]);
  assert.ok(command.kind === 'ask');
  const children = createChildren(childFiles);
  process.env.INTERNVL_HOME = home;
  try {
    const result = await ask(command, {
      terminal: createTerminal(
        { write: (text: string) => (said.out += text) },
        { write: (text: string) => (said.err += text) },
      ),
      children,
      signal: new AbortController().signal,
      modelCache: join(home, 'cache'),
      embeddedModel: join(root, 'assets', 'embedded-model'),
    });
    return { result, choice: result.choice!, ...said };
  } finally {
    await children.shutdownAll();
  }
}

test('the answer most agree on is taken, said once, and reported among all', async (t) => {
  const { result, choice, out, err } = await run(t, '--candidates', '3', receipt, 'What is the total?');
  assert.equal(choice.candidates.length, 3);
  assert.equal(result.text, choice.candidates.find(({ isChosen }) => isChosen)!.text);
  assert.equal(out.trim(), result.text.trim());
  for (const { meanLogprob } of choice.candidates) assert.ok(meanLogprob !== null && meanLogprob <= 0);
  assert.match(err, /Chosen of 3 by/);
  assert.equal(choice.critic, undefined);
});

test('a critic chooses by its score, and a folder that is none leaves the choice to the others and says so', async (t) => {
  const critic = await addTinyCritic(await temporaryFolder(t));
  const judged = await run(t, '--candidates', '2', '--critic', critic, receipt, 'What is the total?');
  assert.deepEqual([judged.choice.method, judged.choice.critic], ['critic', { name: 'VisualPRM-8B-v1_1' }]);
  const scores = judged.choice.candidates.map(({ criticScore }) => criticScore!);
  for (const score of scores) assert.ok(score > 0 && score < 1, String(scores));
  assert.ok(judged.choice.candidates[scores.indexOf(Math.max(...scores))]!.isChosen);
  const nowhere = join(await temporaryFolder(t), 'nothing-here');
  const without = await run(t, '--candidates', '2', '--critic', nowhere, 'Who are you?');
  assert.notEqual(without.choice.method, 'critic');
  assert.match(without.err, /did not choose: /);
});

test('a critic without candidates is refused', () => {
  assert.throws(() => parseArguments(['ask', '--critic', 'x', 'Hi']), /--candidates/);
});
