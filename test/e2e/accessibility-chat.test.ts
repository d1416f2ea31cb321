/** axe finds nothing on any screen of the chat, in light, dark and high contrast. */
import test from 'node:test';
import { chatPage, sampleFile } from './support/chat-page.ts';
import { assertAccessible } from './support/check-accessibility.ts';
import { noBrowser, startApp } from './support/running-app.ts';

for (const look of ['light', 'dark', 'contrast'] as const) {
  test(`the chat is accessible in ${look}`, { skip: noBrowser }, async (t) => {
    const app = await startApp(t, { isScripted: true });
    await app.call('updateSettings', { patch: { theme: look } });
    const chat = chatPage(app.page);
    const check = (screen: string) => assertAccessible(app.page, { screen });
    await chat.composer.waitFor();
    await check('the empty conversation');
    await chat.drop(sampleFile('receipt.png'), sampleFile('word.png'));
    await chat.file('word.png').locator('img').waitFor();
    await check('files in the composer');
    await chat.ask(
      'say A <ref>total</ref><box>[[100,300,900,600]]</box> and `code`:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nlet a = 1;\n```\n\n$x^2$ ![p](https://a.test/x.png) [l](https://a.test)',
    );
    await check('an answer with everything in it');
    await chat.answers.last().getByRole('button', { name: 'Figures of this answer' }).click();
    await app.page.getByRole('dialog').waitFor();
    await check('figures');
    await app.page.keyboard.press('Escape');
    await app.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await app.page.getByRole('button', { name: 'How this conversation is answered' }).click();
    await app.page.getByRole('dialog').waitFor();
    await check('options');
    await app.page.keyboard.press('Escape');
    await app.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await app.page.keyboard.press('Control+k');
    await app.page.getByRole('dialog').waitFor();
    await check('palette');
    await app.page.keyboard.press('Escape');
    await app.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await chat.question.fill('count 9000 20');
    await chat.send.click();
    await chat.stop.waitFor();
    await check('an answer being written');
    await chat.stop.click();
    await chat.answers.getByText('You stopped this answer.').waitFor();
    await check('a stopped answer');
    await app.page.setViewportSize({ width: 420, height: 860 });
    await check('a narrow window');
    await app.page.getByRole('button', { name: 'Show or hide the conversations' }).click();
    await app.page.getByRole('dialog', { name: 'Show or hide the conversations' }).waitFor();
    await check('the conversations in a narrow window');
  });
}
