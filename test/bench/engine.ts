/**
 * `npm run bench -- engine MODEL [--peers FOLDER] [--prepare CHECKPOINT] [--rows NAMES]`: ours and every peer that is there, on the same
 * machine in one run. First one pass over every setting of each peer, then ours and each peer's best one in turns.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, homedir, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureLimits } from './engine/limits.ts';
import { openLlamaCpp } from './engine/llama-cpp.ts';
import { openOurs } from './engine/ours.ts';
import { commonTexts, peerFiles, preparePeers } from './engine/prepare.ts';
import { type EngineReport, type RowResult, summarise, toMarkdown, toSvg } from './engine/report.ts';
import { type Peer, type PeerName, type Row, rows, type Setting } from './engine/rows.ts';
import { openTorch } from './engine/torch-peer.ts';

const runsOfRow = (onceMs: number) => (onceMs > 20_000 ? 3 : 5);
const docs = fileURLToPath(new URL('../../docs/measured', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string', default: join(homedir(), '.cache', 'internvl-desktop', 'peers') },
    prepare: { type: 'string' },
    out: { type: 'string', default: docs },
    rows: { type: 'string', default: rows.join() },
  },
});
if (values.prepare) await preparePeers(values.peers, values.prepare);
const [modelFolder] = positionals;
if (modelFolder) await compare(modelFolder);
else
  process.stderr.write(
    'Which model? npm run bench -- engine MODEL [--peers FOLDER] [--prepare CHECKPOINT]\n',
  );

async function compare(folder: string): Promise<void> {
  const load = loadavg()[0]!.toFixed(1);
  const texts = await Promise.all(commonTexts.map((file) => readFile(file, 'utf8')));
  const limits = await measureLimits();
  const ours = await openOurs(folder, texts.join(''));
  const peers = await openPeers();
  const results: RowResult[] = [];
  for (const row of rows.filter((name) => values.rows.split(',').includes(name))) {
    results.push(await measureRow(row, ours, peers));
    process.stderr.write(`${tellRow(results.at(-1)!)}\n`);
  }
  const overhead = await ours.measureOverhead();
  const decodeMs = results.find(({ row }) => row === 'decode512')?.ours.medianMs;
  const report: EngineReport = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    loadAverage: load,
    peers: peers.map(({ name, description }) => ({ name, description })),
    limits,
    bandwidthShare: decodeMs ? (ours.bytesPerToken! / decodeMs) * (1000 / limits.memoryBytesPerSecond) : null,
    overhead,
    rows: results,
  };
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, 'engine.json'), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(join(values.out, 'engine.md'), toMarkdown(report));
  await writeFile(join(values.out, 'engine.svg'), toSvg(report));
  process.stdout.write(toMarkdown(report));
  for (const { close } of [ours, ...peers]) await close();
}

/** As soon as it is known: a run takes most of an hour. */
function tellRow({ row, ours, peers }: RowResult): string {
  const others = peers.map(
    ({ peer, best }) =>
      `${peer} (${best.name}) ${best.medianMs.toFixed(1)}, ${(best.medianMs / ours.medianMs).toFixed(2)} ×`,
  );
  return [`${row}: ours ${ours.medianMs.toFixed(1)} ms`, ...others].join('; ');
}

/** Those that are there; for the others, the way to get them. */
async function openPeers(): Promise<Peer[]> {
  const files = peerFiles(values.peers);
  const found: Peer[] = [];
  for (const [name, open] of [
    ['llama.cpp', openLlamaCpp],
    ['torch bf16', openTorch],
  ] as [PeerName, typeof openTorch][]) {
    try {
      found.push(await open(files));
    } catch (error) {
      process.stderr.write(
        `${name} is left out: ${(error as Error).message}\nPrepare it with --prepare CHECKPOINT.\n`,
      );
    }
  }
  return found;
}

/**
 * llama-bench runs each test once before it measures it. While others have their turn, the system takes memory back, so
 * a setting that stays loaded needs that as much: 512 tokens took us 1.8 s at once and 1.0 s at the second time.
 */
async function measureWarm(setting: Setting, row: Row): Promise<number> {
  if (!setting.warmsItself && row !== 'firstToken') await setting.measure(row);
  return setting.measure(row);
}

async function measureRow(row: Row, ours: Setting, peers: readonly Peer[]): Promise<RowResult> {
  const best: { peer: PeerName; setting: Setting; timesMs: number[] }[] = [];
  for (const { name, settings } of peers) {
    const tried: { setting: Setting; ms: number }[] = [];
    for (const setting of settings) {
      if (setting.rows.includes(row)) tried.push({ setting, ms: await measureWarm(setting, row) });
    }
    const [fastest] = tried.toSorted((a, b) => a.ms - b.ms);
    if (fastest) best.push({ peer: name, setting: fastest.setting, timesMs: [] });
  }
  const oursMs: number[] = [];
  do {
    oursMs.push(await measureWarm(ours, row));
    for (const { setting, timesMs } of best) timesMs.push(await measureWarm(setting, row));
  } while (oursMs.length < runsOfRow(Math.max(oursMs[0]!, ...best.map(({ timesMs }) => timesMs[0]!))));
  const timed = ({ name, perplexity, bytesPerToken }: Setting, timesMs: number[]) => ({
    name,
    perplexity,
    bytesPerToken,
    ...summarise(timesMs),
  });
  return {
    row,
    ours: timed(ours, oursMs),
    peers: best.map(({ peer, setting, timesMs }) => ({ peer, best: timed(setting, timesMs) })),
  };
}
