/** How an architecture names what it needs from a checkpoint; the converter reads this list, the graphs use its names. */

/** Which of the two published layouts a checkpoint has. */
export type CheckpointLayout = 'original' | 'hf';

/** One weight matrix with its bias: `y = x · weightᵀ + bias`. Several sources are stacked by rows (q, k, v → qkv). */
export interface LinearParameter {
  kind: 'linear';
  name: string;
  inputs: number;
  /** Source tensors of the weight, each [rows, inputs]. */
  weight: { source: string; rows: number }[];
  /** Source tensors of the bias in the same order, or none. */
  bias?: string[];
  /** A vector [outputs] folded into weight and bias: InternViT's layer scale. */
  rowScale?: string;
  /** int8 is stored [outputs, inputs], for picking single outputs; else [inputs, outputs], for products. */
  isByRows?: true;
}

/** A norm's weight, a bias, a position table: stored as float, shape as given. */
export interface TensorParameter {
  kind: 'tensor';
  name: string;
  source: string;
  shape: number[];
}

export type Parameter = LinearParameter | TensorParameter;

/** Output width of a linear parameter. */
export function outputsOf(linear: LinearParameter): number {
  return linear.weight.reduce((sum, part) => sum + part.rows, 0);
}

/** Half-open range of layers, for stages on several devices or small steps between cancel points. */
export interface LayerRange {
  first: number;
  end: number;
}

/**
 * Source names without the wrappers that differ between releases: `model.`, `language_model.` and both together.
 * transformers 5 writes `model.language_model.layers.0…`, the original `language_model.model.layers.0…`.
 */
export function withoutWrapper(name: string): string {
  return name.replace(/^(?:model\.|language_model\.)+/, '');
}
