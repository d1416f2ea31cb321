/**
 * Holds an answer to a form while it is written: JSON, JSON of a schema, or an expression. Tokens that would leave the
 * form become impossible, so the answer is always valid, whatever the model would rather say.
 */
import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar';
import { AppError } from '../../preload/contract/errors.ts';
import { byteSymbols } from '../text/byte-alphabet.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { AnswerFormat } from './generation-types.ts';
import { loadXgrammar } from './load-xgrammar.ts';

/** One answer's way through its form. */
export interface FormatMatcher {
  /** Makes impossible, in place, what may not come next. Stop tokens stay possible only where the form may end. */
  maskLogits(logits: Float32Array): Promise<void>;
  /** Takes the chosen token. */
  accept(id: number): void;
  close(): void;
}

export interface FormatCompiler {
  /** @throws AppError `invalid_request` for a schema or expression that can't be held to */
  startAnswer(format: AnswerFormat): Promise<FormatMatcher>;
}

/** Longest schema or expression; compiling is more than linear in it. */
const maxFormatCharacters = 100_000;
/** Formats kept compiled: a form is asked for again and again, and compiling one takes up to a second. */
const keptFormats = 16;

/** Prepares a tokenizer's vocabulary once (XGrammar, arXiv 2411.15100); about a second for 151,674 tokens. */
export async function createFormatCompiler(tokenizer: Tokenizer): Promise<FormatCompiler> {
  const vocabulary = Array.from({ length: tokenizer.vocabularySize }, (_, id) => spell(tokenizer, id));
  // XGrammar lets a string of limited length hold bare control characters, which JSON forbids; between values none is needed.
  const unprintable = vocabulary.flatMap((_, id) =>
    tokenizer.tokenBytes(id).some((byte) => byte < 0x20) ? [id] : [],
  );
  let instance = await openInstance(vocabulary, tokenizer.stopIds);
  const compiled = new Map<string, CompiledGrammar>();

  async function compile(format: AnswerFormat): Promise<CompiledGrammar> {
    const key = JSON.stringify(format);
    if (key.length > maxFormatCharacters) throw refused('it is too long');
    const known = compiled.get(key);
    if (known) return known;
    try {
      compiled.set(key, await compileWith(instance.compiler, format));
    } catch (cause) {
      compiled.clear(); // they belong to the instance that has aborted
      instance = await openInstance(vocabulary, tokenizer.stopIds);
      throw refused('it is not valid, or says what can not be held to', cause);
    }
    const [oldest] = compiled.keys();
    if (compiled.size > keptFormats && oldest !== undefined) compiled.delete(oldest);
    return compiled.get(key)!;
  }

  return {
    async startAnswer(format) {
      const grammar = await compile(format);
      const matcher = await instance.xgrammar.GrammarMatcher.createGrammarMatcher(grammar);
      return {
        async maskLogits(logits) {
          const bits = await matcher.getNextTokenBitmask();
          for (let id = 0; id < logits.length; id++) {
            if (((bits[id >>> 5] ?? 0) >>> (id & 31)) % 2 === 0) logits[id] = -Infinity;
          }
          if (format.type !== 'regex') for (const id of unprintable) logits[id] = -Infinity;
        },
        accept(id) {
          if (!matcher.acceptToken(id)) throw new AppError('internal', `token ${id} left the answer's form`);
        },
        close: () => matcher.dispose(),
      };
    },
  };
}

async function openInstance(vocabulary: string[], stopIds: readonly number[]) {
  const xgrammar = loadXgrammar();
  const { TokenizerInfo, GrammarCompiler } = xgrammar;
  const info = await TokenizerInfo.createTokenizerInfo(vocabulary, 'byte_level', false, vocabulary.length, [
    ...stopIds,
  ]);
  return { xgrammar, compiler: await GrammarCompiler.createGrammarCompiler(info, false) };
}

async function compileWith(compiler: GrammarCompiler, format: AnswerFormat): Promise<CompiledGrammar> {
  if (format.type === 'json') return compiler.compileBuiltinJSONGrammar();
  if (format.type === 'regex') {
    return compiler.compileStructuralTag({ format: { type: 'regex', pattern: format.pattern } });
  }
  // On one line: where blanks are free, a small model may write nothing else until its last token.
  return compiler.compileJSONSchema(JSON.stringify(format.schema), false, -1);
}

/** A token in the byte-level alphabet; control tokens spell nothing and so fit no form. */
function spell(tokenizer: Tokenizer, id: number): string {
  if (tokenizer.isControl(id)) return '';
  return Array.from(tokenizer.tokenBytes(id), (byte) => byteSymbols[byte]!).join('');
}

function refused(why: string, cause?: unknown): AppError {
  return new AppError('invalid_request', `The answer can't be held to this form: ${why}.`, { cause });
}
