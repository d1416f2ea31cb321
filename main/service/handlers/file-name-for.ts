/** Names an exported file after its conversation, in a way every file system takes. */

const longestName = 80;

/** @param ending without the dot */
export function fileNameFor(title: string, ending: string): string {
  const clean = title
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const name = [...clean].slice(0, longestName).join('').trim();
  return `${name === '' ? 'Conversations' : name}.${ending}`;
}
