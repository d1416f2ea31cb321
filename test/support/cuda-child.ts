/** Says what the ONNX Runtime that it loads makes of CUDA and of the CPU. */
import '../../native-models/process/provider-libraries.ts';
import { parseDevice } from '../../native-models/inference/device.ts';
import { createGraph } from '../../native-models/onnx/graph.ts';

const { openSession } = await import('../../native-models/inference/session.ts');
const graph = createGraph('nothing');
graph.output('y', graph.op('Neg', [graph.input('x', 'float32', [1])]), 'float32', [1]);
for (const name of ['cpu', 'cuda']) {
  const outcome = await openSession(graph.encode(), {
    folder: '',
    device: parseDevice(name),
    threads: 1,
  }).then(
    () => 'works',
    () => 'refused',
  );
  console.log(`${name} ${outcome}`);
}
