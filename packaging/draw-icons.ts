/** `npm run icons`: draws every icon file from the two SVGs in assets/icons. The results are committed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const path = (name: string) => fileURLToPath(new URL(`../assets/icons/${name}`, import.meta.url));
const icon = readFileSync(path('icon.svg'));

const draw = (svg: Buffer, side: number): Promise<Buffer> =>
  sharp(svg, { density: 288 }).resize(side, side).png({ compressionLevel: 9 }).toBuffer();

/** Windows: a directory of pictures, all as PNG (allowed since Vista). */
async function makeIco(sides: readonly number[]): Promise<Buffer> {
  const pictures = await Promise.all(sides.map((side) => draw(icon, side)));
  const header = Buffer.alloc(6 + 16 * sides.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(sides.length, 4);
  let offset = header.length;
  for (const [at, picture] of pictures.entries()) {
    const entry = 6 + 16 * at;
    const side = sides[at] ?? 0;
    header.writeUInt8(side === 256 ? 0 : side, entry);
    header.writeUInt8(side === 256 ? 0 : side, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(picture.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += picture.length;
  }
  return Buffer.concat([header, ...pictures]);
}

/** macOS: chunks of a type, a length and a PNG. */
async function makeIcns(): Promise<Buffer> {
  const kinds: [type: string, side: number][] = [
    ['ic11', 32],
    ['ic12', 64],
    ['ic07', 128],
    ['ic13', 256],
    ['ic08', 256],
    ['ic14', 512],
    ['ic09', 512],
    ['ic10', 1024],
  ];
  const chunks = await Promise.all(
    kinds.map(async ([type, side]) => {
      const picture = await draw(icon, side);
      const head = Buffer.alloc(8);
      head.write(type, 0, 'latin1');
      head.writeUInt32BE(8 + picture.length, 4);
      return Buffer.concat([head, picture]);
    }),
  );
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(8 + chunks.reduce((sum, chunk) => sum + chunk.length, 0), 4);
  return Buffer.concat([head, ...chunks]);
}

writeFileSync(path('icon.png'), await draw(icon, 512));
writeFileSync(path('icon.ico'), await makeIco([16, 24, 32, 48, 64, 128, 256]));
writeFileSync(path('icon.icns'), await makeIcns());
const tray = (colour: string) =>
  Buffer.from(readFileSync(path('tray.svg'), 'utf8').replace('COLOUR', colour));
writeFileSync(path('tray.png'), await draw(tray('#8a93b8'), 32));
writeFileSync(path('trayTemplate.png'), await draw(tray('#000000'), 16));
writeFileSync(path('trayTemplate@2x.png'), await draw(tray('#000000'), 32));
