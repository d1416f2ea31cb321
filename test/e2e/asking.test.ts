/** A person drops a picture, asks, goes on asking, and finds all of it again; on the embedded model. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { makePdf, showText } from '../support/make-pdf.ts';
import { chatPage, sampleFile, shownId } from './support/chat-page.ts';
import { eventually, settled } from './support/eventually.ts';
import { noBrowser, startApp } from './support/running-app.ts';
import { sidebarPage } from './support/sidebar-page.ts';

test('a dropped picture is asked about, the answer streams in, and both are there after a restart', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const chat = chatPage(app.page);
  await chat.drop(sampleFile('receipt.png'));
  await chat.file('receipt.png').locator('img').waitFor();
  // Nothing was loaded: the model is made ready for a question that is being prepared.
  await chat
    .file('receipt.png')
    .getByText(/\d+ tiles · \d+ tokens/)
    .waitFor();
  assert.match(await chat.ask('What is the total?'), /84\.78/);

  await t.test('a follow-up needs no file', async () => {
    assert.match(await chat.ask('What is the code?'), /\S/);
    await eventually(async () => assert.equal(await chat.questions.count(), 2));
  });

  await t.test('figures are shown on demand', async () => {
    await chat.answers.last().getByRole('button', { name: 'Figures of this answer' }).click();
    await app.page.getByRole('row', { name: /First token/ }).waitFor();
    await app.page.keyboard.press('Escape');
  });

  await t.test('before sending, tiles, tokens, context and time are told', async () => {
    await chat.drop(sampleFile('number.png'));
    await chat
      .file('number.png')
      .getByText(/\d+ tiles · \d+ tokens/)
      .waitFor();
    await chat.composer.getByText(/% of the context/).waitFor();
    await chat.file('number.png').getByRole('button', { name: 'Remove number.png' }).click();
  });

  await t.test('after a restart the conversation is there', async () => {
    await app.restart();
    await sidebarPage(app.page).row('What is the total?').click();
    await chat.answers.nth(1).waitFor();
    await chat.answers.first().getByText('84.78').waitFor();
    const drawn = chat.questions.first().getByRole('button', { name: 'Open receipt.png' }).locator('img');
    await drawn.waitFor();
    assert.ok(
      await drawn.evaluate(async (img: Picture) => {
        await img.decode();
        return img.naturalWidth > 0;
      }),
    );
  });
  assert.deepEqual(app.faults, []);
});

test('pictures can be pasted, named, put in order, and taken away', { skip: noBrowser }, async (t) => {
  const app = await startApp(t);
  const chat = chatPage(app.page);
  await chat.paste(sampleFile('receipt.png'), sampleFile('word.png'));
  await chat.file('word.png').locator('img').waitFor();
  await chat.file('receipt.png').getByText('Image-1').waitFor();
  await chat.composer.getByRole('button', { name: 'Move word.png to the front' }).click();
  await chat.file('word.png').getByText('Image-1').waitFor();
  await chat.composer.getByRole('button', { name: 'Compare the pictures' }).click();
  await app.page.getByRole('dialog').waitFor();
  await app.page.keyboard.press('Escape');
  await chat.composer.getByRole('button', { name: 'Remove receipt.png' }).click();
  await eventually(async () => assert.equal(await chat.composer.getByRole('listitem').count(), 1));

  await t.test('what is written and attached is still there after a reload', async () => {
    await chat.question.fill('What does it say?');
    await eventually(async () => {
      const { draft } = await app.call('getDraft', { conversationId: null });
      assert.deepEqual(
        draft?.parts.map(({ type }) => type),
        ['picture', 'text'],
      );
    });
    await app.page.reload();
    await chat.file('word.png').locator('img').waitFor();
    await eventually(async () => assert.equal(await chat.question.inputValue(), 'What does it say?'));
  });

  await t.test('a file that is no picture is refused where it lies, and the rest is kept', async () => {
    await chat.drop({
      name: 'broken.png',
      type: 'image/png',
      bytes: Buffer.from('\x89PNG\r\n\x1a\nnothing', 'latin1'),
    });
    await chat.file('broken.png').getByRole('alert').waitFor();
    assert.equal(await chat.question.inputValue(), 'What does it say?');
    await chat.composer.getByRole('button', { name: 'Remove broken.png' }).click();
  });

  await t.test('a picture can be swapped under an earlier question, and both versions stay', async () => {
    await chat.send.click();
    assert.match(await chat.answered(), /CAMERA/i);
    await chat.act('question', 'Edit the question or its files');
    const swap = chat.file('word.png').locator('input[type=file]');
    const { name, type: mimeType, bytes } = sampleFile('number.png');
    await swap.setInputFiles({ name, mimeType, buffer: Buffer.from(bytes) });
    await chat.file('number.png').locator('img').waitFor();
    await chat.send.click();
    assert.match(await chat.answered(), /2064/);
    await chat.questions.getByText('2 of 2').waitFor();
    await chat.act('question', 'Previous version');
    await chat.questions.getByText('1 of 2').waitFor();
    await chat.answers.getByText(/CAMERA/i).waitFor();
  });
  assert.deepEqual(app.faults, []);
});

test('pages of a PDF are chosen by sight, and a region of one is asked about', {
  skip: noBrowser,
}, async (t) => {
  const app = await startApp(t);
  const chat = chatPage(app.page);
  const pages = ['FIRST', 'SECOND'].map((word) => ({ content: showText(word, 20, 50) }));
  await chat.drop({ name: 'two.pdf', type: 'application/pdf', bytes: makePdf(pages) });
  await chat.file('two.pdf').locator('img').waitFor();
  await chat.file('two.pdf').getByRole('button', { name: 'Choose pages' }).click();
  const dialog = app.page.getByRole('dialog', { name: 'Pages of two.pdf' });
  await dialog.getByRole('checkbox', { name: 'Page 2' }).check();
  await dialog.getByRole('combobox', { name: 'Page 2 as' }).selectOption('both');
  await dialog.getByRole('button', { name: 'Use 2 pages' }).click();
  await chat.file('two.pdf').getByRole('button', { name: 'Ask about a part of it' }).click();
  await drawBox(app.page);
  await chat.composer.getByRole('listitem').nth(1).waitFor();
  await chat.ask('What does it say?');
  const [message] = (await app.call('listMessages', { conversationId: shownId(app.page) })).messages;
  const [pdf, region] = message!.parts;
  assert.deepEqual(pdf?.type === 'document' && pdf.pages, [
    { page: 1, as: 'picture' },
    { page: 2, as: 'both' },
  ]);
  assert.ok(region?.type === 'region' && region.page === 1);
  assert.ok(region.box.width > 0.1 && region.box.width < 0.9);
  assert.deepEqual(app.faults, []);
});

/** What this file asks of a picture in the page, whose types Node does not know. */
interface Picture {
  decode(): Promise<void>;
  naturalWidth: number;
}

/** From a quarter to three quarters of what is shown large. */
async function drawBox(page: import('playwright-core').Page): Promise<void> {
  const picture = page.getByRole('img', { name: /page 1/i }).first();
  const { x, y, width, height } = await settled(() => picture.boundingBox());
  await page.mouse.move(x + width / 4, y + height / 4);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height / 2, { steps: 4 });
  await page.mouse.move(x + (width * 3) / 4, y + (height * 3) / 4, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.press('Enter');
}
