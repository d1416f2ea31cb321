/** Small plots side by side: how something grows,. */

export interface Panel {
  title: string;
  points: [size: number, value: number][];
}

const panel = { width: 380, height: 220, left: 44, right: 16, top: 30, bottom: 28 };
const columns = 2;

export function toSvg(panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / columns);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${columns * panel.width}" height="${rows * panel.height}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...panels.map((each, index) => {
      const x = (index % columns) * panel.width;
      const y = Math.floor(index / columns) * panel.height;
      return `<g transform="translate(${x} ${y})">${drawPanel(each)}</g>`;
    }),
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, points }: Panel): string {
  const mostX = Math.max(...points.map(([size]) => size));
  const mostY = Math.max(...points.map(([, value]) => value));
  const x = (size: number) => panel.left + (size / mostX) * (panel.width - panel.left - panel.right);
  const y = (value: number) =>
    panel.height - panel.bottom - (value / mostY) * (panel.height - panel.top - panel.bottom);
  const place = ([size, value]: [number, number]) => `${x(size).toFixed(1)},${y(value).toFixed(1)}`;
  return [
    `<text x="${panel.left}" y="18" font-weight="bold">${title}</text>`,
    `<path d="M${x(0)},${panel.top} V${y(0)} H${x(mostX)}" fill="none" stroke="#94a3b8"/>`,
    `<text x="${panel.left - 6}" y="${y(mostY) + 4}" text-anchor="end">${told(mostY)}</text>`,
    `<text x="${panel.left - 6}" y="${y(0) + 4}" text-anchor="end">0</text>`,
    `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="#0f766e" stroke-width="2"/>`,
    ...points.map(
      ([size, value]) =>
        `<circle cx="${x(size).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3" fill="#0f766e"/><text x="${x(size).toFixed(1)}" y="${panel.height - 10}" text-anchor="middle">${told(size)}</text>`,
    ),
  ].join('');
}

function told(value: number): string {
  return value >= 1000 ? `${Math.round(value / 100) / 10}k` : String(Math.round(value * 10) / 10);
}
