/** How vocabularies spell bytes: the byte-level alphabet's printable characters, and SentencePiece's byte pieces. */

/**
 * Symbol of each byte. Printable Latin-1 stands for itself; the other bytes take U+0100 onwards in order (GPT-2's
 * `bytes_to_unicode`, which Qwen2 keeps), so that no token holds a blank or a control character.
 */
export const byteSymbols: readonly string[] = symbolsOfBytes();

/** SentencePiece's own token for each byte, `<0x00>` … `<0xFF>`. */
export const bytePieces: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

const byteOfSymbol = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]));

/** UTF-8 of ordinary text. */
const utf8 = new TextEncoder();

/** Bytes that a token stands for; a token with a character outside the alphabet stands for its own UTF-8. */
export function bytesOfToken(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length); // the alphabet lies in the BMP: one UTF-16 unit a byte
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfSymbol.get(token[i]!);
    if (byte === undefined) return utf8.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}

const byteOfPiece = new Map(bytePieces.map((piece, byte) => [piece, byte]));

/** Bytes that a SentencePiece piece stands for: one, or its text with blanks for their marks. */
export function bytesOfPiece(piece: string): Uint8Array {
  const byte = byteOfPiece.get(piece);
  return byte === undefined ? utf8.encode(piece.replaceAll('▁', ' ')) : Uint8Array.of(byte);
}

function symbolsOfBytes(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}
