/** Builds the page: renderer/ → dist/renderer. Main and its children are built by vite.main.config.ts. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'renderer',
  plugins: [react()],
  // The page stands at the root of its origin, under http and under app:// alike.
  base: '/',
  // rehype-katex brings an older KaTeX, whose class names the style sheet of ours does not know.
  resolve: { dedupe: ['katex'] },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // The one Electron that the app ships with, and browsers of its age for the headless host.
    target: 'es2023',
    // Fonts and pictures stay files: the policy allows data: for pictures only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: { index: 'renderer/index.html', capture: 'renderer/capture.html' } },
  },
});
