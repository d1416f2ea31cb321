/** The full 1B shape: memory foretold before loading against what it takes. CODER_CHECKPOINT names one (native-models/reference). */
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { manifestFile } from '../../native-models/conversion/model-folder.ts';
import { describeMeasured, measureMemory } from '../support/measure-memory.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const checkpoint = process.env.CODER_CHECKPOINT;

test('a model of 1B takes what was foretold, with and without a long prompt', {
  skip: checkpoint === undefined && 'CODER_CHECKPOINT names no checkpoint or model folder of the 1B shape',
}, async (t) => {
  const isConverted = await access(join(checkpoint!, manifestFile)).then(
    () => true,
    () => false,
  );
  const out = isConverted ? checkpoint! : join(await temporaryFolder(t), 'model');
  if (!isConverted) await convertCheckpoint({ checkpoint: checkpoint!, out, precision: 'int4' });
  for (const words of [0, 2000]) {
    const measured = await measureMemory(out, { words });
    t.diagnostic(describeMeasured(measured));
    assert.ok(Math.abs(measured.need.peakBytes / measured.peakBytes - 1) < 0.15, describeMeasured(measured));
  }
});
