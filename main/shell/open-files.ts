/** "Open with" and the command line: which of the words are files to ask about, and which are links into the app. */
import { extname, isAbsolute, resolve } from 'node:path';

/** As in electron-builder.yml's file associations; a test compares. */
const openableExtensions: readonly string[] = [
  'png',
  'jpg',
  'jpeg',
  'webp',
  'gif',
  'bmp',
  'tif',
  'tiff',
  'avif',
  'heic',
  'pdf',
  'mp4',
  'm4v',
  'mov',
  'webm',
  'mkv',
];

export interface OpenRequest {
  /** Absolute paths. */
  files: string[];
  links: string[];
}

/** @param words the command line without the program and, in development, the app's folder */
export function readOpenRequest(words: readonly string[], workingFolder: string): OpenRequest {
  const request: OpenRequest = { files: [], links: [] };
  for (const word of words) {
    if (word.startsWith('internvl:')) request.links.push(word);
    else if (!word.startsWith('-') && isOpenable(word))
      request.files.push(isAbsolute(word) ? word : resolve(workingFolder, word));
  }
  return request;
}

export function isOpenable(path: string): boolean {
  return !path.includes('\0') && openableExtensions.includes(extname(path).slice(1).toLowerCase());
}
