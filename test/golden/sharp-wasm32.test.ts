/** The packed app on Linux decodes with sharp's WebAssembly build; every picture must come out as with the native one. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../support/hash-pictures.ts', import.meta.url));
const pictures = fileURLToPath(new URL('media/pictures', import.meta.url));

function decodeAll(...how: string[]): Record<string, string> {
  return JSON.parse(execFileSync(process.execPath, [script, pictures, ...how]).toString());
}

test('WebAssembly decodes every sample picture to the same pixels or the same refusal', () => {
  const { sharp: native, ...expected } = decodeAll();
  const { sharp: webAssembly, ...found } = decodeAll('--without-native');
  assert.deepEqual([native, webAssembly], ['native', 'wasm32'], 'two builds were compared');
  assert.ok(Object.values(expected).filter((pixels) => /^\d+x\d+ /.test(pixels)).length > 50);
  assert.deepEqual(found, expected);
});
