/** Media of a data set lie beside it: nothing in its file leads out of its folder. */
import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { AppError } from '../../../preload/contract/errors.ts';
import type { Media } from './question.ts';

/**
 * The whole path of a file named by the data set. A file that is missing is found out when it is opened.
 * @throws AppError `path_refused` for a name, or a link, that leads out of the folder
 */
export async function placeMedia(media: Media, folder: string): Promise<Media> {
  if (media.kind === 'bytes') return media;
  const path = resolve(folder, media.path);
  const isOutside = isAbsolute(media.path) || !liesIn(path, folder) || media.path.includes('\0');
  if (isOutside) {
    throw new AppError(
      'path_refused',
      'The data set names a file outside its own folder. Put its media beside it.',
    );
  }
  const [target, home] = await Promise.all([realpath(path).catch(() => null), realpath(folder)]);
  if (target !== null && !liesIn(target, home)) {
    throw new AppError(
      'path_refused',
      'A link in the data set’s folder leads out of it. Put the media themselves beside the data set.',
    );
  }
  return { kind: 'path', path };
}

function liesIn(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
