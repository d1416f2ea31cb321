/** Reads a SentencePiece tokenizer.model into the tokens and merges that a BPE encoder runs on. */
import protobuf from 'protobufjs/light.js';
import type { SentencePieceRules, TokenizerFiles } from './tokenizer-files.ts';
import { broken, unsupported } from './tokenizer-json.ts';

/** SentencePiece's schema is proto2: without that word a `false` on disk would count as absent. */
const message = (fields: Record<string, protobuf.IField>): protobuf.IType => ({ edition: 'proto2', fields });
const field = (id: number, type: string, byDefault?: number | boolean) => ({
  id,
  type,
  ...(byDefault !== undefined && { options: { default: byDefault } }),
});

/** The part of sentencepiece_model.proto that matters here; field numbers and defaults are SentencePiece's. */
const modelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({
      pieces: { ...field(1, 'Piece'), rule: 'repeated' },
      trainerSpec: field(2, 'TrainerSpec'),
      normalizerSpec: field(3, 'NormalizerSpec'),
    }),
    Piece: message({ piece: field(1, 'string'), score: field(2, 'float'), type: field(3, 'int32', 1) }),
    TrainerSpec: message({
      modelType: field(3, 'int32', 1),
      treatWhitespaceAsSuffix: field(24, 'bool'),
      byteFallback: field(35, 'bool'),
    }),
    NormalizerSpec: message({
      precompiledCharsmap: field(2, 'bytes'),
      addDummyPrefix: field(3, 'bool', true),
      removeExtraWhitespaces: field(4, 'bool', true),
      escapeWhitespaces: field(5, 'bool', true),
    }),
  },
}).lookupType('ModelProto');

/** ModelProto.SentencePiece.Type */
const pieceTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** TrainerSpec.ModelType.BPE */
const bytePairEncoding = 2;

interface Piece {
  piece: string;
  score: number;
  type: number;
}

interface Model {
  pieces: Piece[];
  trainerSpec: { modelType: number; treatWhitespaceAsSuffix: boolean; byteFallback: boolean } | null;
  normalizerSpec: {
    precompiledCharsmap: Uint8Array;
    addDummyPrefix: boolean;
    removeExtraWhitespaces: boolean;
    escapeWhitespaces: boolean;
  } | null;
}

/** InternLM2 has 92,544. */
const mostPieces = 1_000_000;

const file = 'tokenizer.model';

/**
 * What a tokenizer.model says. An id that a checkpoint's added token takes is no piece any more: the placeholder that
 * held the place must not be typed.
 * @param takenIds ids of the added tokens that lie beside it
 * @throws AppError `checkpoint_broken`; `checkpoint_unsupported` for a model that is no BPE with byte fallback, or that
 * rewrites characters before it looks at them
 */
export function parseSentencePieceModel(bytes: Uint8Array, takenIds: ReadonlySet<number>): TokenizerFiles {
  const { pieces, trainerSpec, normalizerSpec } = decode(bytes);
  if (pieces.length > mostPieces) throw broken(file, `it has more than ${mostPieces} pieces`);
  if (trainerSpec?.modelType !== bytePairEncoding) throw unsupported(`${file} is no byte-pair encoding`);
  if (!trainerSpec.byteFallback) throw unsupported(`${file} has no bytes for unknown characters`);
  if (!normalizerSpec || normalizerSpec.precompiledCharsmap.length > 0) {
    throw unsupported(`${file} rewrites characters before it looks at them`);
  }
  if (!normalizerSpec.escapeWhitespaces || trainerSpec.treatWhitespaceAsSuffix) {
    throw unsupported(`${file} marks words another way than by a blank in front`);
  }
  const own = pieces.map((piece, id) => ({ ...piece, id })).filter(({ id }) => !takenIds.has(id));
  const ofType = (type: number) => own.filter((piece) => piece.type === type);
  const controls = [...ofType(pieceTypes.unknown), ...ofType(pieceTypes.control)];
  const typed = [...ofType(pieceTypes.normal), ...ofType(pieceTypes.userDefined), ...ofType(pieceTypes.byte)];
  const sentencePiece: SentencePieceRules = {
    prefixesBlank: normalizerSpec.addDummyPrefix,
    squeezesBlanks: normalizerSpec.removeExtraWhitespaces,
    wholes: ofType(pieceTypes.userDefined).map(({ piece }) => piece),
    beginsText: true,
  };
  return {
    vocabulary: Object.fromEntries(typed.map(({ piece, id }) => [piece, id])),
    merges: mergesOf(ofType(pieceTypes.normal)),
    addedTokens: controls.map(({ piece, id }) => ({ id, content: piece, special: true })),
    sentencePiece,
  };
}

function decode(bytes: Uint8Array): Model {
  let model: Model;
  try {
    model = modelProto.toObject(modelProto.decode(bytes), { defaults: true }) as Model;
  } catch {
    throw broken(file, 'it is no SentencePiece model');
  }
  const seen = new Set(model.pieces.map(({ piece }) => piece));
  if (seen.size !== model.pieces.length || seen.has('')) throw broken(file, 'two of its pieces are the same');
  if (model.pieces.some(({ piece }) => piece.includes(' '))) throw broken(file, 'a piece holds a bare blank');
  if (model.pieces.some(({ score }) => !Number.isFinite(score))) throw broken(file, 'a score is no number');
  return model;
}

/**
 * SentencePiece joins whichever neighbours make the piece of the highest score, the leftmost first: so every way to
 * cut a piece into two others is a merge, ranked by the piece's score. Among cuts of one piece the longer left side
 * goes first: it is the one that begins further left wherever two of them compete.
 */
function mergesOf(pieces: readonly Piece[]): string[] {
  const known = new Set(pieces.map(({ piece }) => piece));
  const byScore = pieces.toSorted((a, b) => b.score - a.score);
  return byScore.flatMap(({ piece }) => {
    const characters = Array.from(piece);
    const cuts: string[] = [];
    for (let at = characters.length - 1; at > 0; at--) {
      const left = characters.slice(0, at).join('');
      const right = characters.slice(at).join('');
      if (known.has(left) && known.has(right)) cuts.push(`${left} ${right}`);
    }
    return cuts;
  });
}
