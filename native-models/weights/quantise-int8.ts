/** Symmetric int8 weights with one scale per output channel, laid out as MatMulInteger reads them. */

/** A quantised matrix under construction: rows arrive in blocks, columns of the result fill up. */
export interface Int8Matrix {
  /** [inputs, outputs], the transpose of the checkpoint's layout, or as it is there where `isByRows`. */
  values: Int8Array;
  isByRows: boolean;
  /** [outputs]; value × scale ≈ weight. */
  scales: Float32Array;
}

export function createInt8Matrix(
  inputs: number,
  outputs: number,
  { isByRows = false }: { isByRows?: boolean } = {},
): Int8Matrix {
  return { values: new Int8Array(inputs * outputs), scales: new Float32Array(outputs), isByRows };
}

/**
 * Quantises rows [rowCount, inputs] of a checkpoint's weight into columns (or rows) firstRow … of the result.
 * Range ±127, so that the negated matrix quantises to the negated values.
 */
export function quantiseRowsInt8(
  target: Int8Matrix,
  rows: Float32Array,
  { firstRow, inputs }: { firstRow: number; inputs: number },
): void {
  const outputs = target.scales.length;
  const rowCount = rows.length / inputs;
  for (let row = 0; row < rowCount; row++) {
    const start = row * inputs;
    let peak = 0;
    for (let i = start; i < start + inputs; i++) peak = Math.max(peak, Math.abs(rows[i]!));
    const scale = peak / 127;
    const inverse = scale > 0 ? 1 / scale : 0;
    target.scales[firstRow + row] = scale;
    const stride = target.isByRows ? 1 : outputs;
    let at = (firstRow + row) * (target.isByRows ? inputs : 1);
    for (let i = start; i < start + inputs; i++, at += stride)
      target.values[at] = Math.round(rows[i]! * inverse);
  }
}
