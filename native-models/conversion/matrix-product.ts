/** A large float product on all cores, for measurements during conversion. */

import { cpuDevice } from '../inference/device.ts';
import { floatTensor, openSession } from '../inference/session.ts';
import { createGraph } from '../onnx/graph.ts';

export interface MatrixProduct {
  /** left [m, inner] · right [n, inner]ᵀ → [m, n]. */
  multiply(left: Float32Array, right: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function matrixProduct(inner: number): Promise<MatrixProduct> {
  const graph = createGraph('product');
  const left = graph.input('left', 'float32', ['m', inner]);
  const right = graph.input('right', 'float32', ['n', inner]);
  graph.output('product', graph.op('FusedMatMul', [left, right], { transB: 1 }), 'float32', ['m', 'n']);
  const session = await openSession(graph.encode(), { folder: '', device: cpuDevice, threads: 0 });
  return {
    async multiply(leftValues, rightValues) {
      const outputs = await session.run({
        left: floatTensor(leftValues, [leftValues.length / inner, inner]),
        right: floatTensor(rightValues, [rightValues.length / inner, inner]),
      });
      return outputs.product!.data as Float32Array;
    },
    close: () => session.release(),
  };
}
