/** What is measured, in milliseconds each, and by how much we must be ahead. */

export const rows = ['vision', 'prefill512', 'prefill3000', 'decode512', 'decode3000', 'firstToken'] as const;
export type Row = (typeof rows)[number];

/** New tokens whose mean time is a decode figure. */
export const decodedTokens = 32;
/** Tiles of the first-token row: 9 and the thumbnail. */
export const pictureTiles = 10;

export const rowTitles: Record<Row, string> = {
  vision: 'vision, one tile of 448 px',
  prefill512: 'prefill of 512 tokens',
  prefill3000: 'prefill of 3,000 tokens',
  decode512: 'one new token behind 512',
  decode3000: 'one new token behind 3,000',
  firstToken: 'first token, 9 tiles + thumbnail, cold',
};

/** Of the rows of prefill and decode: tokens in front. */
export const tokensOf: Partial<Record<Row, number>> = {
  prefill512: 512,
  prefill3000: 3000,
  decode512: 512,
  decode3000: 3000,
};

export type PeerName = 'llama.cpp' | 'torch bf16';

/** Times faster than a peer's best setting. */
export const musts: Partial<Record<Row, Partial<Record<PeerName, number>>>> = {
  vision: { 'llama.cpp': 3, 'torch bf16': 1.3 },
  prefill512: { 'llama.cpp': 1.3 },
  prefill3000: { 'llama.cpp': 1.2 },
  decode512: { 'llama.cpp': 1 },
  decode3000: { 'llama.cpp': 1.1 },
  firstToken: { 'llama.cpp': 2.3 },
};

/** One way to run an engine: a quantisation with its switches. */
export interface Setting {
  name: string;
  rows: readonly Row[];
  /** Bytes of weights that one new token reads; null where it is not known. */
  bytesPerToken: number | null;
  /** Of the common text, by the common rule; null where it was not measured. */
  perplexity: number | null;
  /** Milliseconds of one run. */
  measure(row: Row): Promise<number>;
  /** Loads anew and runs once before it measures, as llama.cpp's programs do. */
  warmsItself?: true;
}

export interface Peer {
  name: PeerName;
  /** Version, instruction sets, threads: as the peer itself says. */
  description: string;
  settings: readonly Setting[];
  close(): Promise<void>;
}
