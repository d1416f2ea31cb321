/** How long media take on this machine: a 12-megapixel photo to tiles, a page of text, frames of films, each as the medium of five runs. */
import { cpus } from 'node:os';
import sharp from 'sharp';
import { createRandom } from '../../native-models/inference/random.ts';
import { readFrames } from '../../native-models/media/film/open-film.ts';
import { decodePart } from '../../native-models/media/open-part.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import { makeBenchFilm } from '../support/make-bench-film.ts';
import { makePdf, showText } from '../support/make-pdf.ts';

const budget = { tileSize: 448, minTiles: 1, maxTiles: 12 };

/** Median, least and most of five timed runs after one that is not counted. */
async function timeRuns(work: () => Promise<unknown>): Promise<string> {
  await work();
  const elapsedMs: number[] = [];
  for (let run = 0; run < 5; run++) {
    const startedMs = performance.now();
    await work();
    elapsedMs.push(performance.now() - startedMs);
  }
  elapsedMs.sort((a, b) => a - b);
  const [least, , median, , most] = elapsedMs.map((ms) => ms.toFixed(0));
  return `${median} ms (${least}–${most})`;
}

/** A photo-like 4000 × 3000 JPEG: smooth light with grain. */
async function makePhoto(): Promise<Uint8Array> {
  const [width, height] = [4000, 3000];
  const random = createRandom(5);
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / 3);
    const light = 128 + 90 * Math.sin((pixel % width) / 310) * Math.cos(pixel / width / 270);
    pixels[i] = light + random() * 20;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** A page of 60 lines. */
function makeTextPage(): Uint8Array {
  const lines = Array.from({ length: 60 }, (_, line) =>
    showText(
      `Line ${line}: the quick brown fox jumps over the lazy dog, ${line * 37} times.`,
      50,
      740 - 12 * line,
    ),
  );
  return makePdf([{ content: lines.join('\n'), mediaBox: [0, 0, 612, 792] }]);
}

const photo = { name: 'photo.jpg', kind: 'picture' as const, bytes: await makePhoto() };
const page = { name: 'page.pdf', kind: 'pdf' as const, bytes: makeTextPage() };
const tilesOf = async (file: typeof photo | typeof page) => {
  const { picture } = await decodePart(file, {}, { budget });
  return makeTiles(picture, { ...budget, useThumbnail: true });
};

console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
console.log(
  `12-megapixel JPEG → 13 tiles of 448 px   ${await timeRuns(() => tilesOf(photo))}   (must be ≤ 600 ms)`,
);
console.log(
  `PDF page of text → tiles                 ${await timeRuns(() => tilesOf(page))}   (must be ≤ 400 ms)`,
);

/** A minute of 1080p, H.264 High with B frames, 30 frames a second. */
const films = [
  { name: 'as cameras write it, a key frame a second', keyEvery: 30, target: '   (must be ≤ 5000 ms)' },
  { name: 'as x264 writes it, a key frame in eight seconds', keyEvery: 250, target: '' },
];
for (const { name, keyEvery, target } of films) {
  const path = makeBenchFilm(keyEvery);
  if (path === null) {
    console.log(`32 frames of a film: skipped, since there is no ffmpeg to make one`);
    break;
  }
  const tilesOfFrames = async () => {
    for await (const { picture } of readFrames({ path }, { count: 32 })) {
      makeTiles(picture, { ...budget, maxTiles: 1, useThumbnail: false });
    }
  };
  const beforeMicroseconds = process.cpuUsage();
  const times = await timeRuns(tilesOfFrames);
  const { user, system } = process.cpuUsage(beforeMicroseconds);
  const processorSeconds = ((user + system) / 6e6).toFixed(1);
  console.log(
    `32 frames of a 1-minute 1080p film → tiles ${times}, ${processorSeconds} processor seconds${target}: ${name}`,
  );
}
