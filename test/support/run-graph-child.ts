/** Gives a graph file straight to ONNX Runtime, as nobody should, and prints every distinct number that comes out. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cpuDevice } from '../../native-models/inference/device.ts';
import { integerTensor, openSession } from '../../native-models/inference/session.ts';

const path = process.argv[2]!;
const session = await openSession(readFileSync(path), {
  folder: dirname(path),
  device: cpuDevice,
  threads: 1,
});
const outputs = await session.run({ input_ids: integerTensor([0, 1, 2, 3], [1, 4]) });
console.log(JSON.stringify([...new Set(outputs.inputs_embeds!.data as Float32Array)]));
