/** Takes one parameter from the checkpoint, changes its precision and writes it, never holding more than a block of rows as float. */
import { type LinearParameter, outputsOf, type TensorParameter } from '../architectures/parameters.ts';
import type { Precision } from '../inference/generation-types.ts';
import { countBeyondHalf, floatsToHalf } from '../weights/dtypes.ts';
import { createInt4Matrix, int4BlockSize, quantiseRowsInt4 } from '../weights/quantise-int4.ts';
import { createInt8Matrix, quantiseRowsInt8 } from '../weights/quantise-int8.ts';
import { bytesOf, type DataFile } from './data-file.ts';
import { assertFinite, type FloatSource } from './float-source.ts';
import type { StoredTensor } from './model-manifest.ts';

/** Where converted tensors go and what was learnt on the way. */
export interface StoreTarget {
  source: FloatSource;
  file: DataFile;
  /** Filled by name, in the manifest's form. */
  tensors: Record<string, StoredTensor>;
  /** Tensors kept wider than asked, with the reason. */
  keptWider: string[];
  signal: AbortSignal;
}

/** Float values held at once while a matrix is converted: 32 MB. */
const blockValues = 8 * 1024 * 1024;

/** Norms, biases, positions and the patch kernel stay fp32: they are a thousandth of the bytes and steer the rest. */
export async function storeTensor(target: StoreTarget, parameter: TensorParameter): Promise<void> {
  const values = await target.source.read(parameter.source, parameter.shape);
  assertFinite(values, parameter.source);
  target.tensors[parameter.name] = await target.file.append(bytesOf(values), {
    type: 'float32',
    shape: parameter.shape,
  });
}

/** Stores a linear layer's weight and bias in the given precision, wider where that precision can't hold it. */
export async function storeLinear(
  target: StoreTarget,
  parameter: LinearParameter,
  precision: Precision,
): Promise<void> {
  const rowScale =
    parameter.rowScale && (await target.source.read(parameter.rowScale, [outputsOf(parameter)]));
  if (precision === 'int4' && parameter.inputs % int4BlockSize !== 0) {
    target.keptWider.push(
      `${parameter.name}: int8, its ${parameter.inputs} inputs are no multiple of ${int4BlockSize}`,
    );
    await storeInt8(target, parameter, rowScale);
  } else if (precision === 'int4') await storeInt4(target, parameter, rowScale);
  else if (precision === 'int8') await storeInt8(target, parameter, rowScale);
  else await storeFloat(target, parameter, { rowScale, half: precision === 'fp16' });
  if (parameter.bias) await storeBias(target, parameter, rowScale);
}

type RowScale = Float32Array | undefined | '';

/** The weight's rows [rows, inputs] in order, as float32, scaled, a block at a time. */
async function* weightRows(
  target: StoreTarget,
  parameter: LinearParameter,
  rowScale: RowScale,
): AsyncGenerator<{ firstRow: number; rows: Float32Array }> {
  const { inputs } = parameter;
  const rowsPerBlock = Math.max(1, Math.floor(blockValues / inputs));
  let partStart = 0;
  for (const part of parameter.weight) {
    for (let row = 0; row < part.rows; row += rowsPerBlock) {
      target.signal.throwIfAborted();
      const rowCount = Math.min(rowsPerBlock, part.rows - row);
      const rows = await target.source.readRows(part.source, [part.rows, inputs], {
        first: row,
        count: rowCount,
      });
      const firstRow = partStart + row;
      if (rowScale) scaleRows(rows, rowScale.subarray(firstRow, firstRow + rowCount));
      assertFinite(rows, part.source);
      yield { firstRow, rows };
    }
    partStart += part.rows;
  }
}

function scaleRows(rows: Float32Array, scales: Float32Array): void {
  const inputs = rows.length / scales.length;
  for (let row = 0; row < scales.length; row++) {
    for (let i = row * inputs; i < (row + 1) * inputs; i++) rows[i]! *= scales[row]!;
  }
}

async function storeFloat(
  target: StoreTarget,
  parameter: LinearParameter,
  { rowScale, half }: { rowScale: RowScale; half: boolean },
): Promise<void> {
  const shape = [outputsOf(parameter), parameter.inputs];
  const beyond = half ? await countBeyond(target, parameter, rowScale) : 0;
  const fitsHalf = half && beyond === 0;
  if (beyond > 0) target.keptWider.push(`${parameter.name}: fp32, values beyond fp16's ±65,504: ${beyond}`);
  const type = fitsHalf ? 'float16' : 'float32';
  const sizeBytes = shape[0]! * shape[1]! * (fitsHalf ? 2 : 4);
  target.tensors[`${parameter.name}.weight`] = await target.file.begin({ type, shape, sizeBytes });
  for await (const { rows } of weightRows(target, parameter, rowScale)) {
    await target.file.write(bytesOf(fitsHalf ? floatsToHalf(rows) : rows));
  }
}

async function countBeyond(
  target: StoreTarget,
  parameter: LinearParameter,
  rowScale: RowScale,
): Promise<number> {
  let count = 0;
  for await (const { rows } of weightRows(target, parameter, rowScale)) count += countBeyondHalf(rows);
  return count;
}

async function storeInt8(target: StoreTarget, parameter: LinearParameter, rowScale: RowScale): Promise<void> {
  const { inputs } = parameter;
  const outputs = outputsOf(parameter);
  const matrix = createInt8Matrix(inputs, outputs, parameter);
  for await (const { firstRow, rows } of weightRows(target, parameter, rowScale)) {
    quantiseRowsInt8(matrix, rows, { firstRow, inputs });
  }
  const { file, tensors } = target;
  tensors[`${parameter.name}.weight`] = await file.append(bytesOf(matrix.values), {
    type: 'int8',
    shape: parameter.isByRows ? [outputs, inputs] : [inputs, outputs],
  });
  tensors[`${parameter.name}.weight_scale`] = await file.append(bytesOf(matrix.scales), {
    type: 'float32',
    shape: [outputs],
  });
}

async function storeInt4(target: StoreTarget, parameter: LinearParameter, rowScale: RowScale): Promise<void> {
  const { inputs } = parameter;
  const outputs = outputsOf(parameter);
  const matrix = createInt4Matrix(inputs, outputs);
  for await (const { firstRow, rows } of weightRows(target, parameter, rowScale)) {
    quantiseRowsInt4(matrix, rows, { firstRow, inputs });
  }
  const blocks = inputs / int4BlockSize;
  const { file, tensors } = target;
  tensors[`${parameter.name}.weight`] = await file.append(matrix.values, {
    type: 'uint8',
    shape: [outputs, blocks, int4BlockSize / 2],
  });
  tensors[`${parameter.name}.weight_scale`] = await file.append(bytesOf(floatsToHalf(matrix.scales)), {
    type: 'float16',
    shape: [outputs * blocks],
  });
}

async function storeBias(target: StoreTarget, parameter: LinearParameter, rowScale: RowScale): Promise<void> {
  const outputs = outputsOf(parameter);
  const bias = new Float32Array(outputs);
  let at = 0;
  for (const [index, source] of parameter.bias!.entries()) {
    const rows = parameter.weight[index]!.rows;
    const values = await target.source.read(source, [rows]);
    assertFinite(values, source);
    bias.set(values, at);
    at += rows;
  }
  if (rowScale) for (let i = 0; i < outputs; i++) bias[i]! *= rowScale[i]!;
  target.tensors[`${parameter.name}.bias`] = await target.file.append(bytesOf(bias), {
    type: 'float32',
    shape: [outputs],
  });
}
