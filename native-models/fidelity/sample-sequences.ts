/** What the check reads: texts, and pictures with a question and its answer, as sequences of ids. */
import type { ModelConfig } from '../architectures/model-config.ts';
import { visualTokensPerTile } from '../architectures/model-config.ts';
import type { TokenEmbedder } from '../inference/token-embedder.ts';
import type { PictureTiles } from '../media/tiles.ts';
import type { Message } from '../text/chat-template.ts';
import { buildPrompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** One text, or one picture with a question and what is to be answered. */
export type CheckSample = { text: string } | { picture: PictureTiles; question: string; answer: string };

/** Ids as the decoder reads them, where visual tokens go, and where predictions are compared. */
export interface SampleSequence {
  ids: Int32Array;
  /** Position of the first visual token, and the tiles whose visual tokens stand there. */
  slot: { start: number; firstTile: number; tileCount: number } | null;
  /** Positions whose next token is compared: every one of a text; from the picture's end on of a question. */
  rows: number[];
}

/** Longest stretch of a text that is read at once; attention's memory grows with its square. */
const stretchTokens = 512;
/** Of one text: one long file must not take the time of all others. */
const maxTextTokens = 4096;

export function sampleSequences(
  samples: readonly CheckSample[],
  { tokenizer, config, systemText }: { tokenizer: Tokenizer; config: ModelConfig; systemText: string | null },
): SampleSequence[] {
  const sequences: SampleSequence[] = [];
  const stretch = Math.min(stretchTokens, config.decoder.contextLength);
  let firstTile = 0;
  for (const sample of samples) {
    if ('text' in sample) {
      const ids = tokenizer.encodeText(sample.text).slice(0, maxTextTokens);
      for (let start = 0; start + 1 < ids.length; start += stretch) {
        const part = Int32Array.from(ids.slice(start, start + stretch));
        sequences.push({ ids: part, slot: null, rows: positionsFrom(0, part.length) });
      }
      continue;
    }
    const { tileCount } = sample.picture;
    const visualTokens = tileCount * visualTokensPerTile(config);
    const messages = questionMessages(sample, { systemText, visualTokens });
    const { ids, slots } = buildPrompt(tokenizer, messages, { continueLastAnswer: true });
    const start = slots[0]!.start;
    sequences.push({
      ids,
      slot: { start, firstTile, tileCount },
      rows: positionsFrom(start + visualTokens, ids.length),
    });
    firstTile += tileCount;
  }
  return sequences;
}

function questionMessages(
  { question, answer }: { question: string; answer: string },
  { systemText, visualTokens }: { systemText: string | null; visualTokens: number },
): Message[] {
  const picture = { type: 'pictures' as const, pictures: [{ hash: '', visualTokens }] };
  return [
    ...(systemText === null
      ? []
      : [{ role: 'system' as const, parts: [{ type: 'text' as const, text: systemText }] }]),
    { role: 'user', parts: [picture, { type: 'text', text: `\n${question}` }] },
    { role: 'assistant', parts: [{ type: 'text', text: answer }] },
  ];
}

/** first … length − 2: the last position has nothing behind it. */
function positionsFrom(first: number, length: number): number[] {
  return Array.from({ length: Math.max(0, length - 1 - first) }, (_, index) => first + index);
}

/** Each sequence as the decoder's first layer reads it, [tokens, hidden], with these visual tokens in the slots. */
export function embedSequences(
  sequences: readonly SampleSequence[],
  embedder: TokenEmbedder,
  visualTokens: readonly Float32Array[],
): Float32Array[] {
  const { width } = embedder;
  return sequences.map(({ ids, slot }) => {
    const out = new Float32Array(ids.length * width);
    for (const [position, id] of ids.entries()) embedder.embed(id, out, position * width);
    if (slot) {
      let at = slot.start * width;
      for (const tile of visualTokens.slice(slot.firstTile, slot.firstTile + slot.tileCount)) {
        out.set(tile, at);
        at += tile.length;
      }
    }
    return out;
  });
}
