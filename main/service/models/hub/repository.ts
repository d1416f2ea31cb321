/** Which repository of the Hub a person means by what they typed or pasted. */
import { AppError } from '../../../../preload/contract/errors.ts';

export interface Repository {
  /** `owner/name`. */
  id: string;
  /** Branch, tag or commit; null for the main branch. */
  revision: string | null;
}

/** A segment of a repository's id; the Hub allows no more. */
const segment = '[A-Za-z0-9][A-Za-z0-9._-]{0,95}';
const idPattern = new RegExp(`^${segment}/${segment}$`);
const revisionPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/;

/**
 * Reads `owner/name`, `owner/name@revision`, or an address such as `https://huggingface.co/owner/name/tree/revision`.
 * @throws AppError `invalid_request` for anything else
 */
export function parseRepository(text: string): Repository {
  const trimmed = text.trim();
  const address = /^https?:\/\/[^/]+\/(.+)$/.exec(trimmed);
  const [path = '', at] = (address?.[1] ?? trimmed).replace(/[?#].*$/, '').split('@');
  const [owner = '', name = '', route, ...rest] = path.replace(/\/+$/, '').split('/');
  const id = `${owner}/${name}`;
  const branch = route === 'tree' || route === 'blob' || route === 'resolve' ? rest[0] : undefined;
  const revision = at ?? branch ?? null;
  const isKnownRoute = route === undefined || branch !== undefined;
  const isSafe = idPattern.test(id) && !id.includes('..') && isKnownRoute;
  if (!isSafe || (revision !== null && !isSafeRevision(revision))) {
    throw new AppError(
      'invalid_request',
      'This is no model of the Hugging Face Hub. Give it as OpenGVLab/InternVL3-1B, or paste its address.',
    );
  }
  return { id, revision };
}

function isSafeRevision(revision: string): boolean {
  return revisionPattern.test(revision) && !revision.includes('..') && !revision.includes('//');
}
