/** The conversation and its composer as a person uses them. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import type { ConversationId } from '../../../preload/contract/ids.ts';

export const samplePath = (name: string) =>
  fileURLToPath(new URL(`../../../assets/samples/${name}`, import.meta.url));

export interface GivenFile {
  name: string;
  type: string;
  bytes: Uint8Array;
}

export interface ChatPage {
  readonly composer: Locator;
  readonly question: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  readonly questions: Locator;
  readonly answers: Locator;
  /** Files on the composer, by name. */
  file(name: string): Locator;
  /** Writes words, sends them, and waits for the end of the answer. */
  ask(words: string): Promise<string>;
  /** Until what was sent has been answered to the end; the text of that answer. */
  answered(): Promise<string>;
  drop(...files: GivenFile[]): Promise<void>;
  paste(...files: GivenFile[]): Promise<void>;
  /** An action of the last answer or question. */
  act(on: 'question' | 'answer', name: string): Promise<void>;
}

export function sampleFile(name: string): GivenFile {
  return { name, type: 'image/png', bytes: readFileSync(samplePath(basename(name))) };
}

export function chatPage(page: Page): ChatPage {
  const composer = page.getByRole('region', { name: 'Your question' });
  const question = composer.getByRole('textbox', { name: 'Question', exact: true });
  const send = composer.getByRole('button', { name: 'Send' });
  const stop = composer.getByRole('button', { name: 'Stop' });
  const questions = page.getByRole('article', { name: 'Question', exact: true });
  const answers = page.getByRole('article', { name: 'Answer', exact: true });

  const give = async (event: 'drop' | 'paste', files: GivenFile[]) => {
    await composer.waitFor();
    const given = files.map(({ bytes, ...rest }) => ({
      ...rest,
      bytes: Buffer.from(bytes).toString('base64'),
    }));
    await page.evaluate(`(${giveFiles})(${JSON.stringify(event)}, ${JSON.stringify(given)})`);
  };

  const chat: ChatPage = {
    composer,
    question,
    send,
    stop,
    questions,
    answers,
    file: (name) => composer.getByRole('listitem').filter({ hasText: name }),
    async ask(words) {
      await question.fill(words);
      await send.click();
      return chat.answered();
    },
    async answered() {
      // What is sent leaves the composer when its answer has begun.
      await composer.locator('textarea:placeholder-shown').waitFor();
      await stop.waitFor({ state: 'hidden' });
      // It is drawn between other work, so its last words come a moment after its end.
      await answers.last().and(page.locator('[aria-busy=false]')).waitFor();
      return (await answers.last().locator('[dir=auto]').first().innerText()).trim();
    },
    drop: (...files) => give('drop', files),
    paste: (...files) => give('paste', files),
    async act(on, name) {
      const last = (on === 'question' ? questions : answers).last();
      await last.getByRole('button', { name, exact: true }).click();
    },
  };
  return chat;
}

/** The conversation that the page shows. */
export function shownId(page: Page): ConversationId {
  return new URL(page.url()).hash.slice(1) as ConversationId;
}

/** Types into the palette, and takes what these letters lead to once it is the one that Enter takes. */
export async function chooseFromPalette(page: Page, letters: string, entry: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog');
  await palette.getByRole('textbox', { name: 'Conversations, models, actions' }).fill(letters);
  await palette.locator('[data-selected]', { hasText: entry }).waitFor();
  await page.keyboard.press('Enter');
  await palette.waitFor({ state: 'hidden' });
}

/** Runs in the page, where no script can read a path: bytes become files there, as a browser makes them. */
const giveFiles = `(event, files) => {
  const transfer = new DataTransfer();
  for (const { name, type, bytes } of files) {
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  }
  const init = { bubbles: true, cancelable: true };
  if (event === 'paste') {
    window.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: transfer }));
    return;
  }
  for (const type of ['dragenter', 'dragover', 'drop']) {
    window.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: transfer }));
  }
}`;
