/** Operators an imported graph may hold: those that vision transformers and decoders are exported with. None names a file. */

/** ONNX's own. Loops are left out: no export of this family has one, and one could run for ever. */
const onnx =
  `Abs Add And ArgMax Cast CastLike Ceil Clip Concat Constant ConstantOfShape Conv Cos CumSum DequantizeLinear Div
  DynamicQuantizeLinear Einsum Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm Greater
  GreaterOrEqual HardSigmoid Identity If InstanceNormalization IsInf IsNaN LayerNormalization Less LessOrEqual Log MatMul
  MatMulInteger Max Min Mod Mul Neg NonZero Not Or Pad Pow QuantizeLinear RMSNormalization Range Reciprocal ReduceMax
  ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Resize RotaryEmbedding Round ScatterElements ScatterND Shape Sigmoid
  Sign SimplifiedLayerNormalization Sin Size Slice Softmax Softplus Split Sqrt Squeeze Sub Tanh Tile Transpose Trilu
  Unsqueeze Where Xor`.split(/\s+/);

/** ONNX Runtime's. `EPContext`, which loads compiled code from a file, is not among them. */
const microsoft =
  `Attention BiasGelu DynamicQuantizeMatMul FastGelu FusedMatMul GatherBlockQuantized Gelu GroupQueryAttention MatMulBnb4
  MatMulIntegerToFloat MatMulNBits MultiHeadAttention QGemm QLinearMatMul QuickGelu RotaryEmbedding
  SimplifiedLayerNormalization SkipLayerNormalization SkipSimplifiedLayerNormalization`.split(/\s+/);

/** By domain; ONNX's own has two spellings. */
export const allowedOperators: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['', new Set(onnx)],
  ['ai.onnx', new Set(onnx)],
  ['com.microsoft', new Set(microsoft)],
]);
