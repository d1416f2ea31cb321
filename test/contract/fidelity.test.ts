/** The check as a whole: on a model with loud channels, through the process border, and stopped in the middle. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { checkPrecision } from '../../main/cli/check-precision.ts';
import { childFiles, createChildren } from '../../main/cli/children.ts';
import { createTerminal } from '../../main/cli/terminal.ts';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { openModelFolder } from '../../native-models/conversion/model-folder.ts';
import { type CheckRequest, checkModel } from '../../native-models/fidelity/check-model.ts';
import type { CheckProgress } from '../../native-models/fidelity/check-progress.ts';
import { budgetShare } from '../../native-models/fidelity/fidelity-report.ts';
import type { CheckSample } from '../../native-models/fidelity/sample-sequences.ts';
import { compareVisualTokens } from '../../native-models/fidelity/token-fidelity.ts';
import type { Precision } from '../../native-models/inference/generation-types.ts';
import { openModelParts } from '../../native-models/inference/vision-language-model.ts';
import { toPixelValues } from '../../native-models/media/pixel-values.ts';
import { writeFidelityCheckpoint } from '../support/fidelity-checkpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { closeParts, noisePicture, tinyCheckpoint } from '../support/tiny-model.ts';

const tileSize = 112;
const picture = noisePicture({ tileSize } as never, { width: 300, height: 150 });
const samples: CheckSample[] = [
  { text: 'The quick brown fox jumps over the lazy dog. '.repeat(5) },
  { picture, question: 'What is it?', answer: 'Noise.' },
];
const target = { visionCosineMean: 0.999, visionCosineMin: 0.99 };

async function converted(
  t: TestContext,
  options: { loudness?: number; precision?: Precision; languageLayers?: number } = {},
): Promise<Pick<CheckRequest, 'checkpoint' | 'folder' | 'samples'>> {
  const home = await temporaryFolder(t);
  const { loudness = 20, precision = 'int8', languageLayers = 3 } = options;
  const checkpoint = await writeFidelityCheckpoint(home, { loudness, languageLayers });
  const folder = join(home, 'model');
  await convertCheckpoint({ checkpoint, out: folder, precision });
  return { checkpoint, folder, samples };
}

/** The engine's own visual tokens of the picture's tiles. */
async function visualTokensOf(folder: string): Promise<Float32Array[]> {
  const { parts } = await openModelParts(folder);
  const tokens: Float32Array[] = [];
  for (let tile = 0; tile < picture.tileCount; tile++) {
    const pixelValues = toPixelValues(picture.pixels, tileSize, tile, 1);
    tokens.push(await parts.vision.encode(pixelValues, 1, (work) => work()));
  }
  await closeParts(parts);
  return tokens;
}

describe('a model whose vision has 1 % of its channels 20 times as loud', () => {
  it('misses the vision target without wider matrices (red control)', async (t) => {
    const { measured, kept } = await checkModel({ ...(await converted(t)), keepWider: false });
    t.diagnostic(`cosine: mean ${measured.vision!.cosineMean}, worst ${measured.vision!.cosineMin}`);
    assert.ok(measured.vision!.cosineMean < target.visionCosineMean);
    assert.ok(measured.vision!.cosineMin < target.visionCosineMin);
    assert.deepEqual(kept, []);
  });

  it('meets it with them, within 15 % of its bytes, and the engine then sees what the report says', async (t) => {
    const request = await converted(t);
    const old = await openModelFolder(request.folder);
    const oldBytes = old.manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const published = join(request.folder, '..', 'published');
    await convertCheckpoint({ checkpoint: request.checkpoint, out: published, precision: 'fp32' });

    const report = await checkModel(request);
    const { vision } = report.measured;
    t.diagnostic(
      `cosine: mean ${vision!.cosineMean}, worst ${vision!.cosineMin}, ${report.kept.length} kept`,
    );
    assert.ok(vision!.cosineMean >= target.visionCosineMean && vision!.cosineMin >= target.visionCosineMin);
    assert.ok(report.before!.vision!.cosineMean < target.visionCosineMean);
    assert.ok(report.kept.some(({ name, precision }) => name.startsWith('vision.') && precision === 'fp16'));

    const { manifest } = await openModelFolder(request.folder);
    assert.deepEqual(manifest.fidelity, report);
    const addedBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - oldBytes;
    const reportedBytes = report.kept.reduce((sum, matrix) => sum + matrix.addedBytes, 0);
    assert.ok(Math.abs(addedBytes - reportedBytes) < 64 * Object.keys(manifest.tensors).length); // alignment
    assert.ok(reportedBytes <= budgetShare * oldBytes);
    const listed = manifest.files.map(({ name }) => name);
    assert.deepEqual((await readdir(request.folder)).toSorted(), [...listed, 'manifest.json'].toSorted());

    const seen = compareVisualTokens(
      await visualTokensOf(published),
      await visualTokensOf(request.folder),
      128,
    );
    assert.ok(Math.abs(seen.cosineMean - vision!.cosineMean) < 1e-5, `${seen.cosineMean}`);
    assert.ok(Math.abs(seen.cosineMin - vision!.cosineMin) < 1e-4, `${seen.cosineMin}`);
  });

  it('needs none of them where no channel is loud', async (t) => {
    const { kept, measured } = await checkModel(await converted(t, { loudness: 1 }));
    assert.ok(measured.vision!.cosineMean >= target.visionCosineMean);
    assert.ok(kept.every(({ name }) => name.startsWith('decoder.')));
  });
});

describe('a checked model', () => {
  it('in fp32 is the published one: cosine 1, the same tokens, no divergence', async (t) => {
    const { measured } = await checkModel(await converted(t, { precision: 'fp32' }));
    assert.ok(measured.vision!.cosineMin > 1 - 1e-6);
    assert.ok(measured.text.positions > 200 && measured.text.topOneAgreement === 1);
    assert.ok(measured.text.klDivergence < 1e-7, `${measured.text.klDivergence}`);
  });

  it('keeps its wider matrices when it is checked again, and what they take counts', async (t) => {
    const request = await converted(t);
    const first = await checkModel(request);
    const second = await checkModel({ ...request, keepWider: false });
    assert.deepEqual(second.kept, first.kept);
    assert.equal(second.budgetBytes, first.budgetBytes);
    assert.deepEqual(second.measured, first.measured);
  });

  it('writes over what a killed check left behind', async (t) => {
    const request = await converted(t);
    await mkdir(`${request.folder}.check`);
    for (const name of ['vision-2.bin', 'decoder-2.bin', 'manifest.json.new'])
      await writeFile(join(request.folder, name), 'half');
    await writeFile(join(`${request.folder}.check`, 'layer.bin'), 'half');
    const { kept } = await checkModel(request);
    assert.ok(kept.some(({ name }) => name.startsWith('vision.')));
    const { manifest } = await openModelFolder(request.folder);
    assert.ok(manifest.files.some(({ name }) => name === 'vision-2.bin'));
    assert.ok(!(await readdir(request.folder)).includes('manifest.json.new'));
    assert.deepEqual((await readdir(join(request.folder, '..'))).toSorted(), ['checkpoint', 'model']);
  });

  it('of another checkpoint is refused', async (t) => {
    const { folder } = await converted(t);
    const request = { checkpoint: tinyCheckpoint, folder, samples };
    await assert.rejects(checkModel(request), { code: 'invalid_request', message: /not converted from/ });
  });

  it('that lists a wider matrix which its report does not name is refused', async (t) => {
    const request = await converted(t);
    await checkModel(request);
    const path = join(request.folder, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    delete manifest.fidelity;
    await writeFile(path, JSON.stringify(manifest));
    await assert.rejects(openModelFolder(request.folder), {
      code: 'model_folder_broken',
      message: /float16/,
    });
  });

  for (const part of ['vision', 'vision-fallbacks', 'text', 'text-fallbacks'] as const) {
    it(`stopped at ${part} is as it was, with nothing beside it`, async (t) => {
      const deep = { precision: 'int4', languageLayers: 8 } as const; // 4 bits in so many random layers miss the aim
      const request = await converted(t, part === 'text-fallbacks' ? deep : {});
      const before = await readFile(join(request.folder, 'manifest.json'), 'utf8');
      const control = new AbortController();
      const onProgress = (progress: CheckProgress) => {
        if (progress.part === part && progress.done === 3) control.abort();
      };
      const checking = checkModel({ ...request, onProgress, signal: control.signal });
      await assert.rejects(checking, { name: 'AbortError' });
      assert.equal(await readFile(join(request.folder, 'manifest.json'), 'utf8'), before);
      assert.deepEqual((await readdir(join(request.folder, '..'))).toSorted(), ['checkpoint', 'model']);
    });
  }
});

describe('the check on the command line', () => {
  const lines: string[] = [];
  before(() => {
    lines.length = 0;
  });

  it('reads the app’s samples and a file of one’s own in real processes, and says what it found', async (t) => {
    const { checkpoint, folder } = await converted(t, { loudness: 1, precision: 'fp32' });
    const children = createChildren(childFiles);
    t.after(() => children.shutdownAll());
    const terminal = createTerminal({ write: (text) => lines.push(text) }, { write() {} });
    const run = {
      terminal,
      children,
      signal: new AbortController().signal,
      modelCache: '',
      embeddedModel: '',
    };
    const own = join(import.meta.dirname, '..', '..', 'README.md');
    const report = await checkPrecision(run, folder, { checkpoint, files: [own] });
    assert.ok(report && report.measured.text.positions >= 1000 && report.pictures === 4);
    assert.match(lines.join(''), /^Answers are as good[\s\S]*100\.0 % of \d+ places[\s\S]*Perplexity/);
    assert.deepEqual((await openModelFolder(folder)).manifest.fidelity, report);
  });

  it('ends without a report when it is stopped', async (t) => {
    const { checkpoint, folder } = await converted(t, { loudness: 1 });
    const children = createChildren(childFiles);
    t.after(() => children.shutdownAll());
    const control = new AbortController();
    const stopAtText = (text: string) => {
      if (text.includes('what the model says')) control.abort();
    };
    const terminal = createTerminal({ write() {} }, { write: stopAtText, isTTY: true });
    const run = { terminal, children, signal: control.signal, modelCache: '', embeddedModel: '' };
    assert.equal(await checkPrecision(run, folder, { checkpoint }), null);
    assert.equal((await openModelFolder(folder)).manifest.fidelity, undefined);
  });
});
