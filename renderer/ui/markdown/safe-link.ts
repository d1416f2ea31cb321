/** What an answer's link may lead to, and what of it is shown: the true host, so that no name can pretend. */

export interface SafeLink {
  url: string;
  /** Host in ASCII (punycode), or the address of a mailto. */
  host: string;
}

/** Null for everything but https, http and mailto, and for links that carry a user name to mislead. */
export function readLink(href: string | undefined): SafeLink | null {
  if (href === undefined || !URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol === 'mailto:') return { url: url.href, host: url.pathname };
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') return null;
  return { url: url.href, host: url.host };
}
