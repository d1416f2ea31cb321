/** Our pixels of Pillow's own test pictures against Pillow's, by PYTHON (with `pillow` and `numpy` installed). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { sniffPictureKind } from '../../native-models/media/picture-file.ts';
import { inspectPicture } from '../../native-models/media/picture-header.ts';
import { pillowSource, unpackPythonSource } from '../support/python-sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const python = process.env.PYTHON ?? 'python3';

/** What we made of a page: a file of RGB bytes, or nothing. */
interface Decoded {
  path: string;
  page: number;
  width: number;
  height: number;
  rgb: string | null;
}

/** Prints, for every page that Pillow reads, how the two compare: the largest difference, or why they don't. */
const oracle = `
import json, sys, warnings
import numpy as np
from PIL import Image
warnings.simplefilter('ignore')
def compare(one):
    try:
        picture = Image.open(one['path'])
        picture.seek(one['page'] - 1)
        expected = np.asarray(picture.convert('RGB')).astype(int)
    except Exception:
        return 'refused by Pillow'
    if one['rgb'] is None:
        return 'refused by us'
    if expected.shape[:2] != (one['height'], one['width']):
        return 'another size'
    actual = np.fromfile(one['rgb'], np.uint8).reshape(expected.shape)
    return int(np.abs(expected - actual).max())
print(json.dumps([compare(one) for one in json.load(open(sys.argv[1]))]))
`;

/** Pages that differ, and why that is as it should be. */
const known: Record<string, string[]> = {
  'rare kinds of TIFF, refused as unsupported': [
    '12bit.cropped.tif',
    'hopper.Lab.tif',
    'hopper_lzma.tif',
    'lab-green.tif',
    'lab-red.tif',
    'lab.tif',
    'old-style-jpeg-compression-no-samplesperpixel.tif',
    'old-style-jpeg-compression.tif',
    'tiff_strip_planar_raw_with_overviews.tif',
    'tiff_tiled_planar_16bit_RGB.tiff',
    'tiff_tiled_planar_16bit_RGBa.tiff',
    'tiff_tiled_planar_lzw.tiff',
    'tiff_tiled_planar_raw.tif',
  ],
  'damaged files that Pillow forgives': [
    '10ct_32bit_128.tiff',
    'bmp/b/rletopdown.bmp',
    'no_rows_per_strip.tif',
    'separate_planar_extra_samples.tiff',
    'test_extents_transparency.gif',
  ],
  'damaged files that both read, each in its way': ['bmp/b/badrle.bmp', 'test_extents.gif'],
  'kinds where libvips and Pillow disagree: signed, 16 bits of CMYK, with a transparent colour, or multiplied':
    [
      '8bit.s.tif',
      'i_trns.png',
      'tiff_16bit_RGBa.tiff',
      'tiff_strip_cmyk_16l_jpeg.tif',
      'tiff_strip_planar_16bit_RGBa.tiff',
    ],
  'BMP colours of 5 bits, stretched to 8 and rounded otherwise': [
    'bmp/g/rgb16-565.bmp',
    'bmp/g/rgb16-565pal.bmp',
    'bmp/g/rgb16.bmp',
  ],
  'GIF pixels that the first frame leaves out': [
    'dispose_bgnd_transparency.gif',
    'first_frame_transparency.gif',
  ],
};

test('Pillow’s test pictures have Pillow’s pixels, page by page, but for a written list', async (t) => {
  const root = join(await unpackPythonSource(pillowSource), 'Tests/images');
  const folder = await temporaryFolder(t);
  const decoded: Decoded[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) decoded.push(...(await decodePages(join(entry.parentPath, entry.name), folder)));
  }
  const list = join(folder, 'list.json');
  writeFileSync(list, JSON.stringify(decoded));
  const output = execFileSync(python, ['-c', oracle, list], {
    encoding: 'utf8',
    maxBuffer: 1e8,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const verdicts = JSON.parse(output) as (string | number)[];
  const exempt = new Set(Object.values(known).flat());
  const unexpected: string[] = [];
  let same = 0;
  for (const [index, verdict] of verdicts.entries()) {
    const { path, page } = decoded[index]!;
    const name = relative(root, path);
    // AVIF comes from another decoder, which turns it, too; its colours are compared in test/golden.
    if (verdict === 0) same++;
    else if (verdict !== 'refused by Pillow' && !exempt.has(name) && !name.startsWith('avif/'))
      unexpected.push(`${name}, page ${page}: ${verdict}`);
  }
  t.diagnostic(`${same} of ${verdicts.length} pages are equal byte for byte`);
  assert.deepEqual(unexpected, []);
  assert.ok(same >= 650);
});

/** Of animations the first frame only: what a frame leaves out is defined by taste. */
async function decodePages(path: string, folder: string): Promise<Decoded[]> {
  const bytes = readFileSync(path);
  const kind = sniffPictureKind(bytes.subarray(0, 1024));
  if (!kind || kind === 'heic') return [];
  const pageCount = await inspectPicture(bytes).then(
    (header) => (kind === 'tiff' ? Math.min(header.pageCount, 20) : 1),
    () => 1,
  );
  const pages = Array.from({ length: pageCount }, (_, index) => index + 1);
  return Promise.all(
    pages.map(async (page): Promise<Decoded> => {
      const rgb = join(folder, randomUUID());
      try {
        const wish = page > 1 ? { page } : {};
        const { width, height, pixels } = await decodePicture({ bytes }, { asReference: true, ...wish });
        writeFileSync(rgb, pixels);
        return { path, page, width, height, rgb };
      } catch {
        return { path, page, width: 0, height: 0, rgb: null };
      }
    }),
  );
}
