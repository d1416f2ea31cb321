/** Files that come inside a request as data URIs; nothing is ever fetched from an address. */
import { invalid } from './api-error.ts';

export interface InlineFile {
  bytes: Uint8Array;
  mediaType: string;
}

const base64Only = /^[A-Za-z0-9+/]*={0,2}$/;

/** @throws AppError `invalid_request` for an address, or for base64 that is none */
export function readDataUri(uri: string): InlineFile {
  const head = /^data:([a-z0-9.+-]+\/[a-z0-9.+-]+)?(?:;[a-z0-9=-]+)*;base64,/i.exec(uri.slice(0, 300));
  if (!head) {
    throw invalid(
      'Send files as data URIs (data:image/png;base64,…). This server fetches nothing from addresses.',
    );
  }
  return { bytes: readBase64(uri.slice(head[0].length)), mediaType: head[1]?.toLowerCase() ?? '' };
}

export function readBase64(text: string): Uint8Array {
  const bare = text.replaceAll(/\s/g, '');
  if (bare === '' || !base64Only.test(bare)) throw invalid('A file is not valid base64.');
  return new Uint8Array(Buffer.from(bare, 'base64'));
}

/** A name for a nameless file; its ending is a hint only, files are known by their content. */
export function nameFor(mediaType: string, kind: string): string {
  const ending = /\/([a-z0-9]+)/.exec(mediaType)?.[1] ?? 'bin';
  return `${kind}.${ending === 'jpeg' ? 'jpg' : ending}`;
}
