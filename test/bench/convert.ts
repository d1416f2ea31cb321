/**
 * How long a checkpoint of InternVL3-1B's size takes to become a model, and the most memory it needs on the way:
 * `npm run bench -- convert [CHECKPOINT] [PRECISION]`. The checkpoint is the argument, else CODER_CHECKPOINT, else one with
 * random weights that is made first. Memory is the proportional set size of the whole process tree, looked at five times a
 * second; pages of the checkpoint that the system keeps for later are nobody's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fullWidth, makeRandomCheckpoint } from '../support/random-checkpoint.ts';
import { treeBytes } from '../support/tree-memory.ts';

const cli = fileURLToPath(new URL('../../main/cli/index.ts', import.meta.url));
const [given, precision = 'int4'] = process.argv.slice(2);
const work = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'internvl-convert-'));

try {
  const checkpoint = given ?? process.env.CODER_CHECKPOINT ?? (await makeCheckpoint());
  const out = join(work, 'model');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [cli, 'convert', checkpoint, out, '--precision', precision], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, treeBytes(child.pid!));
  }, 200);
  const [code] = await once(child, 'exit');
  clearInterval(look);
  const seconds = (performance.now() - startedMs) / 1000;
  if (code !== 0) throw new Error(`the conversion ended with ${code}`);
  const bytesIn = (folder: string) =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  console.log(`${gigabytes(bytesIn(checkpoint))} GB → ${precision}, ${gigabytes(bytesIn(out))} GB`);
  console.log(`time         ${seconds.toFixed(1)} s   (must be ≤ 90 s on two idle cores)`);
  console.log(`peak memory  ${gigabytes(peakBytes)} GB  (must be ≤ 1.5 GB, all processes together)`);
  for (const note of JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).notes) console.log(note);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function makeCheckpoint(): Promise<string> {
  console.log('Making a checkpoint of random weights…');
  const layers = { num_hidden_layers: 24 };
  return makeRandomCheckpoint(work, {
    ...fullWidth,
    llm: { ...fullWidth.llm, ...layers },
    vision: { ...fullWidth.vision, ...layers },
  });
}
