/** The product's Markdown alone on a page, so that a test can show it any answer, whole or growing. */
import '@mantine/core/styles.css';
import 'katex/dist/katex.min.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { startLanguages } from '../../../../renderer/i18n/index.ts';
import { Markdown } from '../../../../renderer/ui/markdown/markdown.tsx';

const nonce = document.querySelector('meta[property=csp-nonce]')?.nonce ?? '';
const place = document.getElementById('root');

void startLanguages().then(() => {
  const root = createRoot(place);
  const page = {
    /** Shows texts below each other, at once. */
    show(texts, isGrowing) {
      flushSync(() =>
        root.render(
          <StrictMode>
            <MantineProvider getStyleNonce={() => nonce}>
              {texts.map((text, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a text's place is its name, as it grows
                <Markdown key={at} text={text} isGrowing={isGrowing} />
              ))}
            </MantineProvider>
          </StrictMode>,
        ),
      );
    },
    /** What the product never does; shows that the test would notice. */
    showAsHtml(text) {
      const element = document.createElement('div');
      document.body.append(element);
      element.innerHTML = text;
    },
  };
  Object.assign(window, { markdownPage: page });
});
