/** `node hash-pictures.ts FOLDER [--without-native]`: what every picture of a folder decodes to, as JSON, by name. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { AppError } from '../../preload/contract/errors.ts';

const [folder = '', how] = process.argv.slice(2);
if (how === '--without-native') {
  registerHooks({
    resolve(name, context, next) {
      if (/^@img\/sharp-(?!wasm32)/.test(name)) throw new Error('left out, as in the packed app on Linux');
      return next(name, context);
    },
  });
}
const { default: sharp } = await import('sharp');
const { decodePicture } = await import('../../native-models/media/decode-picture.ts');

const decoded: Record<string, string> = { sharp: 'emscripten' in sharp.versions ? 'wasm32' : 'native' };
for (const name of readdirSync(folder).sort()) {
  try {
    const { width, height, pixels } = await decodePicture({ path: join(folder, name) });
    decoded[name] = `${width}x${height} ${createHash('sha256').update(pixels).digest('hex')}`;
  } catch (error) {
    decoded[name] = error instanceof AppError ? error.code : String(error);
  }
}
process.stdout.write(JSON.stringify(decoded));
