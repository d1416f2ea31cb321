/** Adds properties (a turn, a mirror, a colour profile …) to a HEIC of one picture, as a camera would write them. */
import assert from 'node:assert/strict';

/** A box of ISO 14496-12: its size, four letters, content. */
function heifBox(kind: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(kind, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** Anticlockwise, in quarters. Source: ISO 23008-12, 6.5.10. */
export const turnProperty = (quarters: number) => heifBox('irot', Uint8Array.of(quarters));

/** 0 exchanges top and bottom, 1 left and right. Source: ISO 23008-12, 6.5.12. */
export const mirrorProperty = (axis: 0 | 1) => heifBox('imir', Uint8Array.of(axis));

export const profileProperty = (icc: Uint8Array) =>
  heifBox('colr', Buffer.concat([Buffer.from('prof'), icc]));

/** Colours by number. Source: ISO 14496-12, 12.1.5, with the numbers of ITU-T H.273. */
export function namedColoursProperty(primaries: number, transfer: number, matrix: number): Buffer {
  const content = Buffer.from('nclx\0\0\0\0\0\0\x80', 'latin1'); // full range
  for (const [index, number] of [primaries, transfer, matrix].entries())
    content.writeUInt16BE(number, 4 + index * 2);
  return heifBox('colr', content);
}

/**
 * The same file with further properties of its one picture, in that order.
 * @param heic holds one picture in one extent, as `heif-enc` writes it
 */
export function addHeicProperties(heic: Uint8Array, properties: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.from(heic);
  const find = (kind: string) => bytes.indexOf(kind, 0, 'latin1') - 4;
  const [meta, iloc, iprp, ipco, ipma] = ['meta', 'iloc', 'iprp', 'ipco', 'ipma'].map(find) as [
    ...[number, number, number, number, number],
  ];
  assert.deepEqual([...bytes.subarray(iloc + 8, iloc + 16)], [0, 0, 0, 0, 0x44, 0x40, 0, 1], 'one picture');
  const listedAt = ipma + 18; // behind the number of pictures, which is 1, and the picture's number
  const listed = bytes[listedAt]!;
  const addedBytes = properties.reduce((sum, { length }) => sum + length, 0);
  const growth = addedBytes + properties.length;
  const grow = (at: number, by: number) => bytes.writeUInt32BE(bytes.readUInt32BE(at) + by, at);
  grow(iloc + 8 + 12, growth); // where the picture's data begin
  for (const box of [meta, iprp]) grow(box, growth);
  grow(ipco, addedBytes);
  grow(ipma, properties.length);
  bytes[listedAt] = listed + properties.length;
  const numbers = properties.map((_, index) => 0x80 | (listed + 1 + index)); // essential: to be understood
  const listEnd = listedAt + 1 + listed;
  return Buffer.concat([
    bytes.subarray(0, ipma),
    ...properties,
    bytes.subarray(ipma, listEnd),
    Uint8Array.from(numbers),
    bytes.subarray(listEnd),
  ]);
}
