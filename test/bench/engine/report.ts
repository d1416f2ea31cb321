/** The benchmark as JSON, as a table and as a plot. */
import type { Limits } from './limits.ts';
import { musts, type PeerName, type Row, rowTitles } from './rows.ts';

export interface Timed {
  name: string;
  medianMs: number;
  leastMs: number;
  mostMs: number;
  perplexity: number | null;
  bytesPerToken: number | null;
}

export interface RowResult {
  row: Row;
  ours: Timed;
  peers: { peer: PeerName; best: Timed }[];
}

export interface EngineReport {
  date: string;
  machine: string;
  loadAverage: string;
  peers: { name: PeerName; description: string }[];
  limits: Limits;
  /** Of the measured memory bandwidth, while decoding behind 512 tokens; null where that row was left out. */
  bandwidthShare: number | null;
  overhead: { greedy: number; sampled: number };
  rows: RowResult[];
}

export function summarise(timesMs: readonly number[]): Pick<Timed, 'medianMs' | 'leastMs' | 'mostMs'> {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return { medianMs: sorted[sorted.length >> 1]!, leastMs: sorted[0]!, mostMs: sorted.at(-1)! };
}

export function toMarkdown(report: EngineReport): string {
  const { limits, overhead } = report;
  const lines = [
    `${report.date}, ${report.machine}, load ${report.loadAverage} at the start. Medians with least and most; ratios are a peer's best setting to ours.`,
    '',
    '| | ours, ms | peer | its ms | ratio | must | |',
    '|---|---|---|---|---|---|---|',
    ...report.rows.flatMap(({ row, ours, peers }) =>
      peers.map(({ peer, best }) => {
        const ratio = best.medianMs / ours.medianMs;
        const must = musts[row]?.[peer];
        const verdict = must === undefined ? '' : judge(ratio, must, { ours, best });
        const cells = [
          rowTitles[row],
          told(ours),
          `${peer}, ${best.name}`,
          told(best),
          `${ratio.toFixed(2)} ×`,
        ];
        return `| ${[...cells, must === undefined ? '' : `${must} ×`, verdict].join(' | ')} |`;
      }),
    ),
    '',
    '| what one new token reads | bytes | perplexity |',
    '|---|---|---|',
    ...weightLines(report),
    '',
    `Memory: ${giga(limits.memoryBytesPerSecond)} GB/s; products: ${giga(limits.fp32OpsPerSecond)} GFLOPS in fp32, ${giga(limits.int8OpsPerSecond)} GOPS in int8.`,
    `${toldBandwidth(report.bandwidthShare)}Outside \`session.run\`: ${percent(overhead.greedy)} of a step greedy (must 3 %), ${percent(overhead.sampled)} sampled (must 6 %).`,
    '',
    ...report.peers.map(({ name, description }) => `${name}: ${description}  `),
  ];
  return `${lines.join('\n')}\n`;
}

function toldBandwidth(share: number | null): string {
  if (share === null) return '';
  const missed = share < 0.55 ? `, missed by ${(100 * (1 - share / 0.55)).toFixed(0)} %` : '';
  return `Decoding behind 512 tokens uses ${percent(share)} of the memory bandwidth (must 55 %${missed}). `;
}

/** A ratio counts only where our words are no worse. */
function judge(ratio: number, must: number, { ours, best }: { ours: Timed; best: Timed }): string {
  if (ours.perplexity !== null && best.perplexity !== null && ours.perplexity > best.perplexity) {
    return `does not count: perplexity ${ours.perplexity.toFixed(2)} against ${best.perplexity.toFixed(2)}`;
  }
  return ratio >= must ? 'met' : `missed by ${(100 * (1 - ratio / must)).toFixed(0)} %`;
}

function weightLines(report: EngineReport): string[] {
  const seen = new Map<string, Timed>();
  for (const { ours, peers } of report.rows) {
    seen.set(`ours, ${ours.name}`, ours);
    for (const { peer, best } of peers) seen.set(`${peer}, ${best.name}`, best);
  }
  return Array.from(seen, ([name, { bytesPerToken, perplexity }]) => {
    const bytes = bytesPerToken === null ? '' : `${Math.round(bytesPerToken / 1e6)} MB`;
    return `| ${name} | ${bytes} | ${perplexity?.toFixed(2) ?? 'not measured'} |`;
  });
}

function told({ medianMs, leastMs, mostMs }: Timed): string {
  const digits = mostMs < 100 ? 1 : 0;
  return `${medianMs.toFixed(digits)} (${leastMs.toFixed(digits)}–${mostMs.toFixed(digits)})`;
}

const giga = (value: number) => (value / 1e9).toFixed(value < 1e11 ? 1 : 0);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const plot = { width: 760, barHeight: 16, gap: 5, left: 250, right: 90 };

/** Bars of ratios: how many times longer the best setting of each peer takes than ours. */
export function toSvg({ rows }: EngineReport): string {
  const bars = rows.flatMap(({ row, ours, peers }) =>
    peers.map(({ peer, best }) => ({
      title: `${rowTitles[row]}: ${peer}`,
      ratio: best.medianMs / ours.medianMs,
    })),
  );
  const most = Math.max(1, ...bars.map(({ ratio }) => ratio));
  const unit = (plot.width - plot.left - plot.right) / most;
  const step = plot.barHeight + plot.gap;
  const height = bars.length * step + 30;
  const drawn = bars.map(({ title, ratio }, index) => {
    const y = 20 + index * step;
    const middle = y + plot.barHeight - 4;
    return [
      `<text x="${plot.left - 8}" y="${middle}" text-anchor="end">${title}</text>`,
      `<rect x="${plot.left}" y="${y}" width="${(ratio * unit).toFixed(1)}" height="${plot.barHeight}" fill="#0f766e"/>`,
      `<text x="${(plot.left + ratio * unit + 6).toFixed(1)}" y="${middle}">${ratio.toFixed(2)} ×</text>`,
    ].join('');
  });
  const one = plot.left + unit;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${plot.width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...drawn,
    `<line x1="${one.toFixed(1)}" y1="14" x2="${one.toFixed(1)}" y2="${height - 8}" stroke="#b91c1c"/>`,
    `<text x="${one.toFixed(1)}" y="11" text-anchor="middle" fill="#b91c1c">as fast as ours</text>`,
    '</svg>\n',
  ].join('\n');
}
