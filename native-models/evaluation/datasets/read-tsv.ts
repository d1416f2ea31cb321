/** Separated values with quoted fields, as VLMEvalKit publishes its data sets: read in pieces, since pictures lie inside. */
import { AppError } from '../../../preload/contract/errors.ts';

export type Row = Readonly<Record<string, string>>;

/** A picture as base64 takes a few megabytes; a file whose field is larger is none of these. */
const mostFieldCharacters = 64 * 1024 * 1024;

/**
 * Rows by the names of the first line. Quotes double inside quoted fields; a line break may lie inside one (RFC 4180
 * with tabs).
 * @throws AppError `media_broken` for a field past the limit or a file that ends inside quotes
 */
export async function* readTsv(chunks: AsyncIterable<string>): AsyncGenerator<Row, void, void> {
  let names: string[] | null = null;
  for await (const fields of readRecords(chunks, '\t')) {
    if (names === null) names = fields;
    else if (fields.length > 1 || fields[0] !== '') {
      yield Object.fromEntries(names.map((name, at) => [name, fields[at] ?? '']));
    }
  }
}

/** Fields of each record, the first line's too. */
export async function* readRecords(
  chunks: AsyncIterable<string>,
  separator: '\t' | ',',
): AsyncGenerator<string[], void, void> {
  let fields: string[] = [];
  let field = '';
  let isQuoted = false;
  /** Characters of the field that stood in quotes: a carriage return behind them belongs to the line's end. */
  let quotedLength = 0;
  let sawQuote = false;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (sawQuote) {
        // Behind a quote inside a quoted field: another one is a character, anything else ends the quoting.
        sawQuote = false;
        if (chunk[at] === '"') {
          field += '"';
          at += 1;
          continue;
        }
        isQuoted = false;
        quotedLength = field.length;
      }
      const stop = isQuoted ? findQuote(chunk, at) : findMark(chunk, at, separator);
      field += chunk.slice(at, stop);
      if (field.length > mostFieldCharacters) throw broken('a field is too long');
      at = stop;
      if (stop >= chunk.length) break;
      const mark = chunk[at++];
      if (mark === '"') {
        if (isQuoted) sawQuote = true;
        else if (field === '') isQuoted = true;
        else field += '"';
      } else if (mark === separator) {
        fields.push(field);
        field = '';
        quotedLength = 0;
      } else if (mark === '\n') {
        const hasReturn = field.endsWith('\r') && field.length > quotedLength;
        fields.push(hasReturn ? field.slice(0, -1) : field);
        yield fields;
        fields = [];
        field = '';
        quotedLength = 0;
      }
    }
  }
  if (isQuoted && !sawQuote) throw broken('it ends inside quotes');
  if (field !== '' || fields.length > 0) yield [...fields, field];
}

function findQuote(chunk: string, from: number): number {
  const quote = chunk.indexOf('"', from);
  return quote < 0 ? chunk.length : quote;
}

function findMark(chunk: string, from: number, separator: '\t' | ','): number {
  const separatorCode = separator.charCodeAt(0);
  for (let at = from; at < chunk.length; at++) {
    const code = chunk.charCodeAt(at);
    if (code === separatorCode || code === 0x0a || code === 0x22) return at;
  }
  return chunk.length;
}

function broken(why: string): AppError {
  return new AppError('media_broken', `The data set can't be read: ${why}. Get it again.`);
}
