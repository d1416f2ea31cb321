/** `npm run bench -- NAME`: runs one of the benchmarks beside this file. */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const names = readdirSync(dirname(fileURLToPath(import.meta.url)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'index');
const [name] = process.argv.slice(2);

if (name !== undefined && names.includes(name)) {
  process.argv.splice(2, 1);
  await import(`./${name}.ts`);
} else {
  process.stderr.write(`Usage: npm run bench -- ${names.join(' | ')}\n`);
  process.exitCode = 2;
}
