/**
 * Our 4 bits beside other engines' on real language weights, and a whole check at InternVL3-1B's size.
 *
 * The weights are Qwen2.5-Coder-0.5B's, dequantised from a GGUF of 4 to 8 bits: every figure here is a loss against those
 * values, and what a quantiser loses on values that already lie on a grid may differ from what it loses on trained ones.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckpointConfig } from '../../native-models/conversion/checkpoint-config.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { type FloatSource, floatSourceOf } from '../../native-models/conversion/float-source.ts';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { modelParameters } from '../../native-models/conversion/model-parameters.ts';
import { checkModel } from '../../native-models/fidelity/check-model.ts';
import { meetsText, meetsVision } from '../../native-models/fidelity/fidelity-report.ts';
import { measureText, referenceStates } from '../../native-models/fidelity/measure-text.ts';
import { checkTiling, readSampleList } from '../../native-models/fidelity/sample-list.ts';
import {
  type CheckSample,
  embedSequences,
  sampleSequences,
} from '../../native-models/fidelity/sample-sequences.ts';
import { publishedWeights } from '../../native-models/fidelity/stage-weights.ts';
import { decoderStages } from '../../native-models/fidelity/stages.ts';
import { createRandom } from '../../native-models/inference/random.ts';
import { openTokenEmbedder } from '../../native-models/inference/token-embedder.ts';
import { decodePicture } from '../../native-models/media/decode-picture.ts';
import { makeTiles } from '../../native-models/media/tiles.ts';
import { loadTokenizer } from '../../native-models/text/tokenizer.ts';
import { openCheckpointWeights } from '../../native-models/weights/checkpoint-weights.ts';
import {
  createInt4Matrix,
  dequantiseInt4,
  int4BlockSize,
  quantiseRowsInt4,
} from '../../native-models/weights/quantise-int4.ts';
import {
  genaiRoundToNearest,
  llamaQ40,
  ownInt4,
  type Quantise,
} from '../support/fidelity-peer-quantisers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const checkpoint = process.env.CODER_CHECKPOINT ?? join(homedir(), '.cache', 'internvl-desktop', 'coder-1b');
const python = process.env.PYTHON ?? 'python3';

if (!existsSync(`${checkpoint}-reference.json`)) {
  mkdirSync(checkpoint, { recursive: true });
  const script = join(root, 'native-models', 'reference', 'coder_checkpoint.py');
  execFileSync(python, [script, checkpoint], { stdio: 'inherit' });
}

const oracles: { name: string; quantise: Quantise; needs: string; code: string }[] = [
  {
    name: 'Q4_0 is the gguf package’s',
    quantise: llamaQ40,
    needs: 'gguf',
    code: 'from gguf.quants import quantize, dequantize\nfrom gguf import GGMLQuantizationType as T\ny = dequantize(quantize(x, T.Q4_0), T.Q4_0)',
  },
  ...[32, 128].map((block) => ({
    name: `round-to-nearest at block ${block} is onnxruntime’s`,
    quantise: genaiRoundToNearest(block),
    needs: 'onnxruntime',
    code: `from onnxruntime.capi._pybind_state import quantize_matmul_4bits
b, (n, k) = ${block}, x.shape
q, s, z = np.zeros((n, k // b, b // 2), np.uint8), np.zeros(n * k // b, np.float32), np.zeros(n * ((k // b + 1) // 2), np.uint8)
quantize_matmul_4bits(q, np.ascontiguousarray(x.T), s, z, b, n, k, True)
y = (np.stack([q & 15, q >> 4], -1).reshape(n, k // b, b).astype(np.float32) - 8) * s.reshape(n, -1, 1)`,
  })),
];

for (const { name, quantise, needs, code } of oracles) {
  test(`${name}, bit for bit`, async (t) => {
    try {
      execFileSync(python, ['-c', `import ${needs}`], { stdio: 'ignore' });
    } catch {
      return t.skip(`PYTHON has no package ${needs}`);
    }
    const folder = await temporaryFolder(t);
    const random = createRandom(3);
    const values = Float32Array.from({ length: 256 * 896 }, () => (random() + random() - random()) * 0.02);
    new Uint32Array(values.buffer, 0, values.length / 2).forEach((bits, i, all) => {
      all[i] = bits & 0xffff0000; // bf16, so that ties come up
    });
    values.fill(0, 0, 128);
    writeFileSync(join(folder, 'x.bin'), values);
    const script = `import numpy as np\nx = np.fromfile('x.bin', np.float32).reshape(256, 896)\n${code}\ny.astype(np.float32).tofile('y.bin')`;
    execFileSync(python, ['-c', script], { cwd: folder });
    const expected = new Float32Array(Uint8Array.from(readFileSync(join(folder, 'y.bin'))).buffer);
    const actual = quantise(values);
    assert.equal(
      actual.findIndex((value, i) => value !== expected[i]),
      -1,
    );
  });
}

test('the block size is all that the comparison changes of the product’s quantiser', () => {
  const random = createRandom(4);
  const values = Float32Array.from({ length: 64 * int4BlockSize }, () => (random() - random()) ** 3);
  const matrix = createInt4Matrix(int4BlockSize, values.length / int4BlockSize);
  quantiseRowsInt4(matrix, values, { firstRow: 0, inputs: int4BlockSize });
  assert.deepEqual(ownInt4(int4BlockSize)(values), dequantiseInt4(matrix));
});

test('our int4 loses no more than llama.cpp’s and onnxruntime-genai’s at blocks of 32, and as much at blocks of 128', async (t) => {
  const folder = await temporaryFolder(t);
  await convertCheckpoint({ checkpoint, out: join(folder, 'model'), precision: 'int8' });
  const model = await openModelFolder(join(folder, 'model'));
  const { config, layout } = await readCheckpointConfig(checkpoint);
  const weights = await openCheckpointWeights(checkpoint);
  const source = floatSourceOf(weights);
  const embedder = openTokenEmbedder(model);
  t.after(async () => {
    embedder.close();
    await source.close();
    await weights.close();
  });
  const parameters = modelParameters(config, layout);
  const tokenizer = await loadTokenizer(model.path);
  const { texts } = await readSampleList(join(root, 'assets', 'fidelity'));
  const samples = texts.map((text) => ({ text }));
  const sequences = sampleSequences(samples, { tokenizer, config, systemText: null });
  const embeddings = embedSequences(sequences, embedder, []);
  const place = { folder, signal: new AbortController().signal, onRun() {} };
  const base = { config, parameters, source, stages: decoderStages(config, parameters), sequences };
  const reference = { ...base, normedStates: await referenceStates(base, embeddings, place) };

  const measured = async (name: string, quantise: Quantise) => {
    const stored = publishedWeights(quantisedSource(source, quantise), 'fp32');
    const fidelity = await measureText(reference, embeddings, { weights: stored, place });
    const { perplexity, referencePerplexity, topOneAgreement, klDivergence, positions } = fidelity;
    t.diagnostic(
      `${name}: perplexity ${perplexity.toFixed(3)} (published ${referencePerplexity.toFixed(3)}), top-1 ${(100 * topOneAgreement).toFixed(1)} %, KL ${klDivergence.toFixed(4)}, ${positions} positions`,
    );
    return fidelity;
  };
  // 4.5 bits a weight, as the converter stores them; theirs take 4.5 and 5.
  const own = await measured('ours, block 32', ownInt4(32));
  const peers = { 'llama.cpp Q4_0': llamaQ40, 'genai round-to-nearest, block 32': genaiRoundToNearest(32) };
  for (const [name, quantise] of Object.entries(peers)) {
    const peer = await measured(name, quantise);
    assert.ok(own.perplexity <= peer.perplexity, name);
    assert.ok(own.klDivergence <= peer.klDivergence, name);
  }
  // 4.125 bits against 4.25, which nothing here stores. Two texts put one or the other ahead (docs/precision.md).
  const wide = await measured('ours, block 128', ownInt4(128));
  const widePeer = await measured('genai round-to-nearest, block 128', genaiRoundToNearest(128));
  assert.ok(wide.klDivergence <= 1.05 * widePeer.klDivergence);
});

/** The decoder's matrices as a quantiser keeps them; norms, biases, table and lm_head as published. */
function quantisedSource(source: FloatSource, quantise: Quantise): FloatSource {
  return {
    ...source,
    async readRows(name, shape, rows) {
      const values = await source.readRows(name, shape, rows);
      return name.startsWith('layers.') ? quantise(values) : values;
    },
  };
}

test('a whole check at 1B takes at most 15 minutes and little memory, and meets its aims', async (t) => {
  const out = `${checkpoint}-checked`;
  rmSync(out, { recursive: true, force: true });
  t.after(() => rmSync(out, { recursive: true, force: true }));
  await convertCheckpoint({ checkpoint, out, precision: 'int4' });
  const { manifest } = await openModelFolder(out);
  const list = await readSampleList(join(root, 'assets', 'fidelity'));
  const samples: CheckSample[] = list.texts.map((text) => ({ text }));
  for (const { path, ...said } of list.pictures) {
    samples.push({ picture: makeTiles(await decodePicture({ path }), checkTiling(manifest)), ...said });
  }
  const startedMs = performance.now();
  const before = process.cpuUsage();
  let heardMs = startedMs;
  let longestSilenceMs = 0;
  const onProgress = () => {
    longestSilenceMs = Math.max(longestSilenceMs, performance.now() - heardMs);
    heardMs = performance.now();
  };
  const report = await checkModel({ checkpoint, folder: out, samples, onProgress });
  const minutes = (performance.now() - startedMs) / 60_000;
  const { user, system } = process.cpuUsage(before);
  const peakGb = process.resourceUsage().maxRSS / 1e6;
  t.diagnostic(
    `${minutes.toFixed(1)} minutes, ${((user + system) / 1e6).toFixed(0)} processor seconds, longest silence ${(longestSilenceMs / 1000).toFixed(1)} s, peak memory with the comparisons above ${peakGb.toFixed(2)} GB`,
  );
  t.diagnostic(JSON.stringify({ ...report, kept: report.kept.map(({ name }) => name) }));
  assert.ok(report.measured.text.positions >= 1000);
  assert.ok(
    meetsVision(report.measured.vision!, report.targets) && meetsText(report.measured.text, report.targets),
  );
  assert.ok(minutes <= 15);
});
