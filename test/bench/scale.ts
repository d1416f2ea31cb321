/**
 * `npm run bench -- scale MODEL_FOLDER [--out FOLDER]`: how first token and memory grow with tiles, pictures and context
 * on a converted 1B model, and with the model's shape (layers measured, the rest extrapolated).
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { sumOf } from '../../native-models/conversion/disk-space.ts';
import { modelParameters } from '../../native-models/conversion/model-parameters.ts';
import { readsApartByDefault } from '../../native-models/conversion/reads-apart.ts';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { estimateUnconverted } from '../../native-models/inference/memory-need.ts';
import { measureDevice } from '../../native-models/probe/measure-device.ts';
import { familyShapes } from '../support/family-shapes.ts';
import type { AskedOnce, QuestionShape } from './scale/ask-once.ts';
import { type Panel, toSvg } from './scale/panels.ts';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { out: { type: 'string' } },
});
const [folder] = positionals;
if (!folder) throw new Error('Name a converted model: npm run bench -- scale FOLDER');

/** A case by the number that grows. */
type Cases = [size: number, shape: QuestionShape][];

const byTiles: Cases = [
  [1, { pictures: 1, grid: [1, 1], words: 20 }],
  [4, { pictures: 1, grid: [2, 2], words: 20 }],
  [12, { pictures: 1, grid: [4, 3], words: 20 }],
  [24, { pictures: 1, grid: [6, 4], words: 20 }],
];
const byPictures: Cases = [1, 2, 4, 8, 16].map((pictures) => [
  pictures,
  { pictures, grid: [1, 1], words: 20 },
]);
const byContext: Cases = [512, 1024, 2048, 4096, 8192, 16_000].map((words) => [
  words,
  { pictures: 0, grid: [1, 1], words },
]);

const lines = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(1)} at the start. Each question once, in a process of its own; memory is the whole process's peak.`,
];
const panels: Panel[] = [];
for (const [what, cases] of [
  ['tiles', byTiles],
  ['pictures of one tile', byPictures],
  ['tokens of text', byContext],
] as const)
  await measureGrowth(what, cases);
await measureShapes();
const markdown = `${lines.join('\n')}\n`;
process.stdout.write(markdown);
if (values.out) {
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, 'scale.md'), markdown);
  await writeFile(join(values.out, 'scale.svg'), toSvg(panels));
}

async function measureGrowth(what: string, cases: Cases): Promise<void> {
  lines.push(
    '',
    `| ${what} | prompt tokens | vision, s | reading, s | first token, s | a new token, ms | memory, MB |`,
    '|---|---|---|---|---|---|---|',
  );
  const points: [number, number][] = [];
  for (const [size, shape] of cases) {
    const asked = await askOnce(shape);
    const seconds = (ms: number) => (ms / 1000).toFixed(1);
    const cells = [
      size,
      asked.promptTokens,
      seconds(asked.visionMs),
      seconds(asked.prefillMs),
      seconds(asked.firstTokenMs),
      asked.newTokenMs.toFixed(0),
      (asked.peakBytes / 1e6).toFixed(0),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
    process.stderr.write(`${what} ${cells.join(' ')}\n`);
    points.push([size, asked.firstTokenMs / 1000]);
  }
  panels.push({ title: `First token, s, by ${what}`, points });
}

async function askOnce(shape: QuestionShape): Promise<AskedOnce> {
  const child = join(import.meta.dirname, 'scale', 'ask-once.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [child, folder!, JSON.stringify(shape)]);
  return JSON.parse(stdout) as AskedOnce;
}

/** A picture of nine tiles and its thumbnail. */
const pictureTiles = 10;
const pictureTokens = 2600;

/** The four smallest that fit into this machine's memory; one vision encoder serves all up to 14B. */
async function measureShapes(): Promise<void> {
  lines.push(
    '',
    'Extrapolated from layers of the shape (one and three of them, drawn weights): not one whole model was run.',
    '',
    '| shape | vision, s a tile | reading, tokens/s | writing, tokens/s | first token of a picture of ten tiles, s | memory foretold, MB |',
    '|---|---|---|---|---|---|',
  );
  const points: [number, number][] = [];
  for (const { size, config, parameterCount } of familyShapes) {
    if (!['1B', '2B', '8B', '14B'].includes(size)) continue;
    const speed = await measureDevice(cpuDevice, () => {}, config);
    const tileS = speed.visionMsPerTile! / 1000;
    const firstS = pictureTiles * tileS + pictureTokens / speed.prefillTokensPerSecond!;
    const { vision, decoder, lmHead, reading } = modelParameters(config, 'original');
    const readValues = sumOf(reading);
    const bytes = estimateUnconverted(
      [
        { values: sumOf(vision), precision: 'int8' },
        { values: sumOf([...decoder, lmHead]), precision: 'int4' },
        { values: readsApartByDefault(readValues, { decoder: 'int4' }) ? readValues : 0, precision: 'int8' },
      ],
      config,
    );
    const cells = [
      size,
      tileS.toFixed(2),
      speed.prefillTokensPerSecond!.toFixed(0),
      speed.decodeTokensPerSecond!.toFixed(1),
      firstS.toFixed(0),
      (bytes / 1e6).toFixed(0),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
    process.stderr.write(`shape ${cells.join(' ')}\n`);
    points.push([parameterCount / 1e9, firstS]);
  }
  panels.push({ title: 'First token, s, by billions of weights (extrapolated)', points });
}
