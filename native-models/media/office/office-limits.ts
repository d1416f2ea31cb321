/** What an office or text file may cost at most; every reader of such files takes its bounds from here. */

/** Bounds of one file. A caller may lower them, never raise them. */
export interface OfficeLimits {
  /** Size of the file in bytes. */
  fileBytes: number;
  /** Entries of the ZIP archive that an office file is. */
  entries: number;
  /** Size of one part (a sheet, a slide, …) once unpacked, in bytes. */
  partBytes: number;
  /** Size of all parts once unpacked, declared by the archive and met while reading, in bytes. */
  totalBytes: number;
  /** Elements and pieces of text read of one part; what follows is left out. Each takes some 300 bytes of memory. */
  nodes: number;
  /** UTF-16 units of the text; what follows is left out, and said to be. */
  characters: number;
}

const officeLimits: Readonly<OfficeLimits> = {
  fileBytes: 64 * 1024 * 1024,
  entries: 10_000,
  partBytes: 64 * 1024 * 1024,
  totalBytes: 512 * 1024 * 1024,
  nodes: 1_000_000,
  characters: 1_000_000,
};

export function lowerOfficeLimits(asked: Partial<OfficeLimits> = {}): OfficeLimits {
  const lower = (name: keyof OfficeLimits) => Math.min(officeLimits[name], asked[name] ?? officeLimits[name]);
  return {
    fileBytes: lower('fileBytes'),
    entries: lower('entries'),
    partBytes: lower('partBytes'),
    totalBytes: lower('totalBytes'),
    nodes: lower('nodes'),
    characters: lower('characters'),
  };
}
