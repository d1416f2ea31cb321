/** A shown table as text for other programs. */

export type Cells = readonly (readonly string[])[];

/** What is read of an HTMLTableElement. */
interface ShownTable {
  rows: Iterable<{ cells: Iterable<{ innerText: string }> }>;
}

export function cellsOf(table: ShownTable): string[][] {
  return [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()));
}

/** RFC 4180; what a spreadsheet would take for a formula is kept as text by a quote in front. */
export function toCsv(cells: Cells): string {
  return cells.map((row) => row.map((cell) => quoted(guarded(cell), ',')).join(',')).join('\r\n');
}

/** What spreadsheets paste into cells. */
export function toTsv(cells: Cells): string {
  return cells
    .map((row) => row.map((cell) => guarded(cell).replaceAll(/[\t\n\r]+/g, ' ')).join('\t'))
    .join('\n');
}

export function toMarkdown(cells: Cells): string {
  const [head = [], ...rows] = cells;
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function quoted(cell: string, separator: string): string {
  return cell.includes('"') || cell.includes(separator) || /[\n\r]/.test(cell)
    ? `"${cell.replaceAll('"', '""')}"`
    : cell;
}

/** A model that read a stranger's picture must not write formulae into a spreadsheet; plain numbers stay numbers. */
function guarded(cell: string): string {
  return /^[=@\t\r]/.test(cell) || (/^[+-]/.test(cell) && !/^[+-]?[\d.,\s%]+$/.test(cell))
    ? `'${cell}`
    : cell;
}
