/** A table as a workbook of one sheet, in the least of Office Open XML that every spreadsheet opens. Pure. */
import { strToU8, zipSync } from 'fflate';
import type { Cells } from './table-text.ts';

export const xlsxMediaType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const package_ = 'http://schemas.openxmlformats.org/package/2006';
const document_ = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const sheetMl = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const fixedFiles = {
  '[Content_Types].xml': `<Types xmlns="${package_}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="${package_}/relationships"><Relationship Id="rId1" Type="${document_}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="${sheetMl}" xmlns:r="${document_}"><sheets><sheet name="Table" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${package_}/relationships"><Relationship Id="rId1" Type="${document_}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${document_}/styles" Target="styles.xml"/></Relationships>`,
  // Style 1 is bold, for the first row.
  'xl/styles.xml': `<styleSheet xmlns="${sheetMl}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
};

/** The first row is the heading. Cells are numbers or words, never formulae. Source: ECMA-376, part 1, section 18. */
export function writeXlsx(cells: Cells): Uint8Array<ArrayBuffer> {
  const rows = cells.map((row, at) => {
    const written = row.map((cell, column) =>
      writeCell(cell, { place: `${columnName(column)}${at + 1}`, isHead: at === 0 }),
    );
    return `<row r="${at + 1}">${written.join('')}</row>`;
  });
  const sheet = `<worksheet xmlns="${sheetMl}"><sheetData>${rows.join('')}</sheetData></worksheet>`;
  const files = { ...fixedFiles, 'xl/worksheets/sheet1.xml': sheet };
  const bytes = Object.entries(files).map(([name, xml]) => [name, strToU8(head + xml)] as const);
  return new Uint8Array(zipSync(Object.fromEntries(bytes)));
}

function writeCell(cell: string, { place, isHead }: { place: string; isHead: boolean }): string {
  const style = isHead ? ' s="1"' : '';
  const number = isHead ? null : readNumber(cell);
  if (number !== null) return `<c r="${place}"${style}><v>${number}</v></c>`;
  return `<c r="${place}"${style} t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`;
}

/** Only what is a number in every country: "1,204" and "007" stay words, since who knows what they are. */
function readNumber(cell: string): number | null {
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?$/.test(cell) ? Number(cell) : null;
}

/** 0 → A, 25 → Z, 26 → AA. */
function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

/** XML has no place for control characters, escaped or not. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/(?![\n\t])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
