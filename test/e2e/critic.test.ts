/** Best of N with a critic in the library, as a person meets it: who chose, by which score, and why not where it could not. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { addTinyCritic } from '../support/tiny-critic.ts';
import { chatPage } from './support/chat-page.ts';
import { assertAccessible } from './support/check-accessibility.ts';
import { noBrowser, startApp } from './support/running-app.ts';

test('the answer shows which critic chose it and by which score, and each candidate its own', {
  skip: noBrowser,
}, async (t) => {
  const profile = await temporaryFolder(t);
  const criticFolder = await addTinyCritic(profile);
  const app = await startApp(t, { isScripted: true, profile });
  const chat = chatPage(app.page);
  const bestOf = async (count: number, words: string) => {
    await chat.composer.getByRole('button', { name: 'Number of answers' }).click();
    await app.page.getByRole('menuitemradio', { name: `The best of ${count}` }).click();
    await chat.question.fill(words);
    await chat.send.click();
  };
  await bestOf(3, 'say The answer is 17');
  await chat.answers
    .getByText('Chosen by the critic VisualPRM-8B-v1_1: its score is 0.83, the highest of 3.')
    .waitFor();
  await chat.answers.getByRole('button', { name: 'Compare all 3' }).click();
  const first = app.page.getByRole('article', { name: 'Answer 1', exact: true });
  await first.getByText('critic 0.83 · 3 agree').waitFor();
  await assertAccessible(app.page);
  await app.page.getByRole('button', { name: 'Close' }).click();

  await t.test('where it does not fit, the other choice stands and the reason is told', async () => {
    await writeFile(join(criticFolder, 'too-large'), '');
    await bestOf(2, 'say The answer is 5');
    await chat.answers
      .getByText(
        /^Chosen by majority: 2 of 2 .* The critic VisualPRM-8B-v1_1 did not choose: This model needs/,
      )
      .waitFor();
    await rm(join(criticFolder, 'too-large'));
  });

  await t.test(
    'in the library it is named for what it is, and nobody is offered it to chat with',
    async () => {
      await app.page.getByRole('button', { name: /^Model: / }).click();
      const menu = app.page.getByRole('menu');
      await menu.getByText('Demo').waitFor();
      assert.equal(await menu.getByText('VisualPRM').count(), 0);
      await menu.getByRole('menuitem', { name: 'Manage and add models…' }).click();
      const card = app.page.getByRole('article', { name: 'VisualPRM-8B-v1_1' });
      await card.getByText('Critic', { exact: true }).waitFor();
      await card.getByText('It gives no answers.', { exact: false }).waitFor();
    },
  );
  assert.deepEqual(app.faults, []);
});
