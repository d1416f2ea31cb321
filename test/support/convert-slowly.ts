/** Converts a checkpoint, says so after some steps and then waits to be killed: `node convert-slowly.ts CHECKPOINT OUT STEPS`. */
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';

const [checkpoint, out, steps] = process.argv.slice(2) as [string, string, string];
let left = Number(steps);

await convertCheckpoint({
  checkpoint,
  out,
  precision: 'int8',
  markEveryMs: 0,
  onProgress() {
    left -= 1;
    if (left > 0) return;
    process.stdout.write('converting\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
});
