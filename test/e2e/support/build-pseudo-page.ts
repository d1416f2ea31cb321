/** Builds the page with every English word marked and lengthened, so that a word without a key stands out. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build, type Plugin } from 'vite';

export const pseudoMark = '⟦';

/** `[[`-like marks around, half as long again; what i18next fills in stays as it is. */
const pseudoWords: Plugin = {
  name: 'pseudo-words',
  transform(code, id) {
    const match = /renderer\/i18n\/en\/(\w+)\.ts$/.exec(id);
    if (!match) return null;
    return `${code}
const pseudo = (value) => {
  for (const [key, word] of Object.entries(value)) {
    if (typeof word === 'string') value[key] = '${pseudoMark}' + word + '~'.repeat(Math.ceil(word.length / 2)) + '⟧';
    else pseudo(word);
  }
};
pseudo(${match[1]});`;
  },
};

export async function buildPseudoPage(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('../../../renderer', import.meta.url)),
    logLevel: 'error',
    plugins: [react(), pseudoWords],
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, target: 'es2023', minify: false },
  });
}
