/** Which addresses may leave the app for the system's browser or mail program. */

export type LinkVerdict = { allowed: true; href: string; shownHost: string } | { allowed: false };

/** Programs can be registered for any scheme, and many of them run what an address tells them. */
const openable = new Set(['https:', 'http:', 'mailto:']);
const longest = 4000;

/**
 * Judges an address and gives the form in which it is opened, so that what is checked is what is opened. Control
 * characters, blanks and backslashes are refused outright: parsers differ about them.
 * @returns with `shownHost` in the form that can't deceive (punycode), for the question to the person
 */
export function judgeLink(address: unknown): LinkVerdict {
  if (typeof address !== 'string' || address.length > longest) return { allowed: false };
  if (/[\p{Cc}\p{Cf}\p{Z}\\]/u.test(address) || !URL.canParse(address)) return { allowed: false };
  const url = new URL(address);
  if (!openable.has(url.protocol) || url.username !== '' || url.password !== '') return { allowed: false };
  if (url.protocol === 'mailto:') {
    // Some mail programs attach files that an address names.
    const hasAttachment = [...url.searchParams.keys()].some((name) => /^attach/i.test(name));
    return hasAttachment ? { allowed: false } : { allowed: true, href: url.href, shownHost: url.pathname };
  }
  return url.hostname === '' ? { allowed: false } : { allowed: true, href: url.href, shownHost: url.host };
}
