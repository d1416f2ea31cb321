/** Builds the Markdown page and opens it under the product's policy, noting everything that an answer must never cause. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { pagePolicy } from '../../../main/hosts/edge/security-headers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const origin = 'http://markdown.test';
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

export interface OpenMarkdownPage {
  page: Page;
  show(texts: readonly string[], isGrowing?: boolean): Promise<void>;
  showAsHtml(text: string): Promise<void>;
  /** Addresses outside the page's own origin that something asked for. */
  requests: string[];
  /** Dialogs, navigations, new windows, scripts that ran, breaches of the policy. */
  faults: string[];
}

export async function openMarkdownPage(t: TestContext): Promise<OpenMarkdownPage> {
  const outDir = await temporaryFolder(t);
  await build({
    configFile: false,
    root: fileURLToPath(new URL('markdown-page', import.meta.url)),
    logLevel: 'error',
    base: '/',
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, target: 'es2023', minify: false },
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu'],
  });
  t.after(() => browser.close());
  const context = await browser.newContext();
  const page = await context.newPage();
  const requests: string[] = [];
  const faults: string[] = [];
  const nonce = 'test-nonce';

  await context.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== origin) {
      requests.push(url.href);
      return route.abort();
    }
    const file = url.pathname === '/' ? '/index.html' : url.pathname;
    const bytes = await readFile(join(outDir, file)).catch(() => null);
    if (!bytes) {
      requests.push(url.href);
      return route.abort();
    }
    await route.fulfill({
      body: file === '/index.html' ? bytes.toString().replaceAll('__CSP_NONCE__', nonce) : bytes,
      contentType: types[extname(file)] ?? 'application/octet-stream',
      headers: { 'content-security-policy': pagePolicy(nonce) },
    });
  });
  await context.exposeFunction('noteFault', (fault: string) => faults.push(fault));
  await context.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) => noteFault('policy: ' + event.violatedDirective + ' ' + event.blockedURI));
    window.pwned = () => noteFault('script ran');`);
  page.on('dialog', (dialog) => {
    faults.push('dialog');
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  context.on('page', () => faults.push('new window'));
  await page.goto(`${origin}/`);
  await page.waitForFunction('window.markdownPage');
  page.on('framenavigated', (frame) => faults.push(`navigation to ${frame.url()}`));

  return {
    page,
    requests,
    faults,
    show: (texts, isGrowing = false) =>
      page.evaluate(`markdownPage.show(${JSON.stringify(texts)}, ${isGrowing})`),
    showAsHtml: (text) => page.evaluate(`markdownPage.showAsHtml(${JSON.stringify(text)})`),
  };
}
