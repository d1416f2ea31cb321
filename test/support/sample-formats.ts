/** Samples of every format the media process reads, each with a way to damage it that reaches behind its checksums. */
import { readdirSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { writeEncryptedPdf } from './encrypt-pdf.ts';
import { makeBmp } from './make-bmp.ts';
import { makePdf, pageObjects, showText } from './make-pdf.ts';
import { makeOfficeFile } from './make-zip.ts';
import { mutateBytes, pick, type Random } from './mutate-bytes.ts';

/** A file as a person would attach it. */
export interface Sample {
  name: string;
  bytes: Uint8Array;
}

export interface SampleFormat {
  name: string;
  samples: readonly Sample[];
  /** One of the samples, damaged; checksums are put right in half of the cases, so that more than they see it. */
  mutant(random: Random): Sample;
}

const pictureFolder = new URL('../golden/media/pictures/', import.meta.url);
const photoFolder = new URL('pictures/', import.meta.url);

/** Every format by its usual ending. */
export function listSampleFormats(): SampleFormat[] {
  const endings = ['jpg', 'webp', 'gif', 'avif', 'tif'];
  const bmps = [...readSamples(pictureFolder, 'bmp'), ...packedBmps()];
  return [
    withRepair('png', readSamples(pictureFolder, 'png'), repairPng),
    ...endings.map((ending) => asTheyAre(ending, readSamples(pictureFolder, ending))),
    asTheyAre('bmp', bmps),
    asTheyAre('heic', readSamples(photoFolder, 'heic')),
    asTheyAre('pdf', samplePdfs()),
    ...Object.entries(officeParts).map(([name, parts]) => officeFormat(name, parts)),
    asTheyAre('csv', [{ name: 'table.csv', bytes: Buffer.from('a;b\n1;"2;\n3"\n') }]),
    asTheyAre('txt', [{ name: 'notes.txt', bytes: Buffer.from('\ufeffnotes, größer, 书生\n', 'utf16le') }]),
  ];
}

function readSamples(folder: URL, ending: string): Sample[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(`.${ending}`))
    .map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) }));
}

function asTheyAre(name: string, samples: readonly Sample[]): SampleFormat {
  return withRepair(name, samples, (bytes) => bytes);
}

function withRepair(
  name: string,
  samples: readonly Sample[],
  repair: (bytes: Buffer) => Buffer,
): SampleFormat {
  return {
    name,
    samples,
    mutant(random) {
      const sample = pick(random, samples);
      const bytes = mutateBytes(sample.bytes, random);
      return { name: sample.name, bytes: random() < 0.5 ? repair(bytes) : bytes };
    },
  };
}

/** A checksum that fits, for each chunk whose size still makes sense. */
function repairPng(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

function packedBmps(): Sample[] {
  const palette = Array.from({ length: 16 }, (_, index) => [index * 17, 255 - index * 9, index] as const);
  const size = { width: 6, height: 2, palette };
  const runs8 = Uint8Array.of(4, 3, 0, 3, 1, 2, 3, 0, 0, 0, 6, 9, 0, 1);
  const runs4 = Uint8Array.of(6, 0x31, 0, 0, 0, 6, 0x12, 0x34, 0x56, 0, 0, 1);
  const shapes = [
    makeBmp({ ...size, bits: 8, compression: 1, stored: runs8 }),
    makeBmp({ ...size, bits: 4, compression: 2, stored: runs4 }),
    makeBmp({ ...size, bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], stored: Buffer.alloc(24, 7) }),
  ];
  return shapes.map((bytes, index) => ({ name: `packed-${index}.bmp`, bytes }));
}

function samplePdfs(): Sample[] {
  const text = { content: showText('sample', 20, 50), entries: '/Rotate 90 /CropBox [10 10 150 90]' };
  const picture = {
    content: 'q 100 0 0 50 0 0 cm /Im Do Q 1 0 0 rg 5 5 40 40 re f',
    entries: '/Resources << /XObject << /Im 8 0 R >> >>',
  };
  const jpeg = readFileSync(new URL('rgb-42.jpg', pictureFolder));
  const objects = pageObjects([text, picture], {
    objects: [
      {
        entries: `/Type /XObject /Subtype /Image /Width 23 /Height 17 /BitsPerComponent 8
          /ColorSpace /DeviceRGB /Filter /DCTDecode`,
        stream: jpeg,
      },
    ],
  });
  return [
    { name: 'text.pdf', bytes: makePdf([text]) },
    { name: 'picture.pdf', bytes: makePdf([text, picture], { objects: objects.slice(-1) }) },
    { name: 'protected.pdf', bytes: writeEncryptedPdf(objects, { user: '', owner: 'owner' }) },
  ];
}

type Parts = Record<string, string>;
type Relations = Parameters<typeof makeOfficeFile>[1];

const officeParts: Record<string, [Parts, Relations?]> = {
  docx: [
    {
      'word/document.xml': `<w:document><w:body><w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Title &amp;
        more</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        </w:body></w:document>`,
    },
  ],
  pptx: [
    {
      'p.xml': '<presentation><sldIdLst><sldId id="256" r:id="a"/></sldIdLst></presentation>',
      's.xml': `<sld><cSld><spTree><sp><nvSpPr><nvPr><ph type="title"/></nvPr></nvSpPr><txBody><p><r><t>Slide</t></r>
        </p></txBody></sp></spTree></cSld></sld>`,
    },
    { 'p.xml': { a: ['slide', 's.xml'] } },
  ],
  xlsx: [
    {
      'xl/workbook.xml': '<workbook><sheets><sheet name="Data" r:id="s"/></sheets></workbook>',
      'xl/sheet.xml': `<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2" s="0"><v>45000</v></c>
        </row></sheetData></worksheet>`,
      'xl/strings.xml': '<sst><si><t>Name</t></si></sst>',
      'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
    },
    {
      'xl/workbook.xml': {
        s: ['worksheet', 'sheet.xml'],
        t: ['sharedStrings', 'strings.xml'],
        u: ['styles', 'styles.xml'],
      },
    },
  ],
};

/** Half of the mutants are damaged archives, the others sound archives of a damaged part. */
function officeFormat(format: string, [parts, relations]: [Parts, Relations?]): SampleFormat {
  const name = `sample.${format}`;
  const bytes = makeOfficeFile(parts, relations);
  const damagePart = (random: Random) => {
    const part = pick(random, Object.keys(parts));
    const damaged = mutateBytes(Buffer.from(parts[part]!), random).toString();
    return makeOfficeFile({ ...parts, [part]: damaged }, relations);
  };
  return {
    name: format,
    samples: [{ name, bytes }],
    mutant: (random) => ({ name, bytes: random() < 0.5 ? mutateBytes(bytes, random) : damagePart(random) }),
  };
}
