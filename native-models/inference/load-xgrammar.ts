/** Loads XGrammar's WebAssembly build, whose package calls itself an ES module and holds a CommonJS file. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';

export type Xgrammar = typeof import('@mlc-ai/web-xgrammar');

/** How the file asks Node for `require`, which it is handed here. */
const asksForRequire = /await import\('module'\)/;

/**
 * A fresh instance, since one that met a wrong schema has aborted and must not be used again. It says nothing on the
 * console: there it would print the schema.
 */
export function loadXgrammar(): Xgrammar {
  const require = createRequire(import.meta.url);
  const file = require.resolve('@mlc-ai/web-xgrammar');
  const source = readFileSync(file, 'utf8').replace(asksForRequire, '{ createRequire: () => require }');
  const scope = {
    exports: {} as Xgrammar,
    require,
    module: {},
    __filename: file,
    __dirname: dirname(file),
    console: { log() {}, warn() {}, error() {} },
  };
  const run = compileFunction(source, Object.keys(scope), { filename: file }) as (
    ...values: unknown[]
  ) => void;
  run.call(scope.exports, ...Object.values(scope));
  return scope.exports;
}
