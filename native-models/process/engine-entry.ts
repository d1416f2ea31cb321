/** The engine process: ONNX Runtime, one loaded model and its caches. */
import { constants, setPriority } from 'node:os';
import './provider-libraries.ts';
import { engineContract } from './engine-contract.ts';
import { serveChild } from './serve-child.ts';

// Not before the first line has run: in a bundle, static imports of packages come before everything.
const { openModel } = await import('../inference/vision-language-model.ts');
const { createEngine } = await import('./engine-handlers.ts');

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL); // pages and other programs stay quick while a model works
} catch {
  // A system that allows no such thing only loses the courtesy.
}

const engine = createEngine(openModel);
serveChild(engineContract, engine.handlers, engine.close);
