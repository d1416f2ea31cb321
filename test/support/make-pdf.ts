/** Writes small PDFs by hand, so that a test can hold any page and any mischief. Source: ISO 32000-1, section 7.5. */

/** The body of an object, or a dictionary's entries with a stream (its length is added). */
export type PdfObject = string | { entries: string; stream: Uint8Array | string };

export interface MadePage {
  /** Drawing operators; `/F1` is Helvetica. */
  content: string;
  /** Left, bottom, right, top in points; default 200 × 100. */
  mediaBox?: readonly number[];
  /** Further entries of the page's dictionary, such as `/Rotate 90`. */
  entries?: string;
}

/** A file of numbered objects; object 1 is the catalogue. */
export function writePdf(objects: readonly PdfObject[], trailerEntries = ''): Uint8Array {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xb5\xb6\n', 'latin1')];
  let at = parts[0]!.length;
  const places = objects.map((object, index) => {
    const place = at;
    const part = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      writeBody(object),
      Buffer.from('\nendobj\n'),
    ]);
    parts.push(part);
    at += part.length;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  parts.push(
    Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${places.join('')}`),
    Buffer.from(`trailer\n<< /Size ${size} /Root 1 0 R ${trailerEntries} >>\nstartxref\n${at}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

function writeBody(object: PdfObject): Buffer {
  if (typeof object === 'string') return Buffer.from(object, 'latin1');
  const stream = Buffer.from(object.stream as string, 'latin1'); // 'latin1' counts for strings alone
  return Buffer.concat([
    Buffer.from(`<< ${object.entries} /Length ${stream.length} >>\nstream\n`, 'latin1'),
    stream,
    Buffer.from('\nendstream'),
  ]);
}

/**
 * The objects of a document with these pages: 1 catalogue, 2 page tree, 3 font, then each page and its content.
 * @param more.objects are numbered from 4 + 2 × pages on
 */
export function pageObjects(
  pages: readonly MadePage[],
  more: { catalogEntries?: string; objects?: readonly PdfObject[] } = {},
): PdfObject[] {
  const kids = pages.map((_, index) => `${4 + 2 * index} 0 R`).join(' ');
  return [
    `<< /Type /Catalog /Pages 2 0 R ${more.catalogEntries ?? ''} >>`,
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap(({ content, mediaBox = [0, 0, 200, 100], entries = '' }, index): PdfObject[] => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [${mediaBox.join(' ')}] /Contents ${5 + 2 * index} 0 R
        ${entries.includes('/Resources') ? '' : '/Resources << /Font << /F1 3 0 R >> >>'} ${entries} >>`,
      { entries: '', stream: content },
    ]),
    ...(more.objects ?? []),
  ];
}

export function makePdf(
  pages: readonly MadePage[],
  more: { catalogEntries?: string; objects?: readonly PdfObject[] } = {},
): Uint8Array {
  return writePdf(pageObjects(pages, more));
}

/** Helvetica of 20 points with its base line's start at x, y. */
export function showText(text: string, x: number, y: number): string {
  return `BT /F1 20 Tf ${x} ${y} Td (${text}) Tj ET`;
}
