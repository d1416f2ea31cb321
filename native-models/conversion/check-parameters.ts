/** Looks a checkpoint through before the first byte is written: a missing tensor shall not show after an hour's work. */
import { AppError } from '../../preload/contract/errors.ts';
import { tokenTableSource } from '../architectures/decoder.ts';
import type { DecoderConfig } from '../architectures/model-config.ts';
import { outputsOf, type Parameter } from '../architectures/parameters.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { FloatSource } from './float-source.ts';
import type { ModelParameters } from './model-parameters.ts';

/**
 * Every tensor is there in the shape that config.json promises, and every token has its row.
 * @throws AppError `tensor_missing` or `tensor_mismatch` naming the tensor, `checkpoint_broken` for too many tokens
 */
export function checkParameters(
  source: FloatSource,
  parameters: ModelParameters,
  { config, tokenizer }: { config: DecoderConfig; tokenizer: Tokenizer },
): void {
  for (const parameter of [...parameters.vision, ...parameters.decoder, parameters.lmHead]) {
    for (const { name, shape } of sourcesOf(parameter)) source.check(name, shape);
  }
  source.check(tokenTableSource(config), [config.vocabularySize, config.hiddenSize]);
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw new AppError(
      'checkpoint_broken',
      `The checkpoint contradicts itself: its tokenizer has ids up to ${tokenizer.vocabularySize - 1}, config.json promises ${config.vocabularySize} rows.`,
    );
  }
}

/** The tensors a parameter is made of. */
function sourcesOf(parameter: Parameter): { name: string; shape: number[] }[] {
  if (parameter.kind === 'tensor') return [{ name: parameter.source, shape: parameter.shape }];
  const { weight, bias = [], rowScale, inputs } = parameter;
  return [
    ...weight.map(({ source, rows }) => ({ name: source, shape: [rows, inputs] })),
    ...bias.map((source, index) => ({ name: source, shape: [weight[index]!.rows] })),
    ...(rowScale ? [{ name: rowScale, shape: [outputsOf(parameter)] }] : []),
  ];
}
