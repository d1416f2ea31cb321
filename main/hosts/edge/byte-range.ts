/** The `Range` header of HTTP, as far as players and viewers use it: one stretch. */

/** Both ends inclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * @returns null where the whole file is meant: no header, another unit, several stretches, or nonsense (RFC 9110, 14.2);
 * `unsatisfiable` where it lies behind the file's end
 */
export function readRange(header: string | null, sizeBytes: number): ByteRange | null | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), sizeBytes);
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? sizeBytes - 1 : Math.min(Number(match[2]), sizeBytes - 1);
  if (match[2] !== '' && Number(match[2]) < start) return null;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end };
}
