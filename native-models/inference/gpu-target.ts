/** What graphs a device gets: known for most, tried out on a WebGPU adapter, which may lack fp16 or err in attention. */
import { Tensor } from 'onnxruntime-node';
import type { GpuTarget } from '../architectures/gpu-layers.ts';
import { createGraph } from '../onnx/graph.ts';
import { cpuDevice, type Device, deviceName } from './device.ts';
import { createRandom } from './random.ts';
import { floatTensor, openSession, runSession } from './session.ts';

/** By device: an adapter is tried out once a process. */
const known = new Map<string, Promise<GpuTarget | null>>();

/** @returns null for the CPU. @throws AppError `device_unavailable` where the adapter can't be opened */
export function gpuTargetOf(device: Device): Promise<GpuTarget | null> {
  const name = deviceName(device);
  const found = known.get(name) ?? findTarget(device);
  known.set(name, found);
  found.catch(() => known.delete(name)); // it may be there the next time
  return found;
}

async function findTarget(device: Device): Promise<GpuTarget | null> {
  switch (device.provider) {
    case 'cpu':
      return null;
    case 'webgpu': {
      // An adapter whose fused attention errs is an odd one: nothing there is asked of its fp16.
      const fusedAttention = await hasRightAttention(device);
      const half = fusedAttention && (await hasHalf(device));
      return { half, fusedAttention, eightBitProducts: true, keepsCache: true };
    }
    case 'cuda':
    case 'tensorrt':
      return { half: true, fusedAttention: true, eightBitProducts: true, keepsCache: false };
    case 'directml':
      return { half: true, fusedAttention: true, eightBitProducts: false, keepsCache: false };
    case 'coreml':
      // It chooses fp16 by itself, and knows none of ONNX Runtime's own operators.
      return { half: false, fusedAttention: false, eightBitProducts: false, keepsCache: false };
  }
}

/** WebGPU's `shader-f16`: without it the first fp16 shader fails. */
async function hasHalf(device: Device): Promise<boolean> {
  const graph = createGraph('half');
  const x = graph.op('Cast', [graph.input('x', 'float32', [4])], { to: 10 });
  graph.output('y', graph.op('Cast', [graph.op('Add', [x, x])], { to: 1 }), 'float32', [4]);
  const session = await openSession(graph.encode(), { folder: '', device, threads: 1, quiet: true });
  try {
    const { y } = await runSession(session, { x: floatTensor(Float32Array.of(1, 2, 3, 4), [4]) });
    return (y!.data as Float32Array)[3] === 8;
  } catch {
    return false;
  } finally {
    await session.release();
  }
}

/** Enough new rows for the kernel that reads prompts: below 32 another one runs. */
const newRows = 40;
const pastRows = 8;
const headDim = 32;

/**
 * Compares fused attention with the CPU's. ONNX Runtime 1.30's kernel for 32 rows and more exchanges values within
 * subgroups of at least 8; with SwiftShader's 4 it is off by 20 %, and nothing says so.
 */
async function hasRightAttention(device: Device): Promise<boolean> {
  const graph = createGraph('attention');
  const tokens = ['query', 'key', 'value'].map((name) => graph.input(name, 'float32', [1, newRows, headDim]));
  const past = ['past_key', 'past_value'].map((name) =>
    graph.input(name, 'float32', [1, 1, pastRows, headDim]),
  );
  const ends = ['last_row', 'length'].map((name) => graph.input(name, 'int32', [1]));
  const [attended] = graph.ops('GroupQueryAttention', [...tokens, ...past, ...ends], 3, {
    num_heads: 1,
    kv_num_heads: 1,
  });
  graph.output('attended', attended!, 'float32', [1, newRows, headDim]);
  const random = createRandom(1);
  const noise = (...dims: number[]) =>
    floatTensor(
      Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => 2 * random() - 1),
      dims,
    );
  const length = pastRows + newRows;
  const feeds = {
    query: noise(1, newRows, headDim),
    key: noise(1, newRows, headDim),
    value: noise(1, newRows, headDim),
    past_key: noise(1, 1, pastRows, headDim),
    past_value: noise(1, 1, pastRows, headDim),
    last_row: new Tensor('int32', Int32Array.of(length - 1), [1]),
    length: new Tensor('int32', Int32Array.of(length), [1]),
  };
  const on = async (where: Device) => {
    const session = await openSession(graph.encode(), { folder: '', device: where, threads: 1 });
    try {
      return (await runSession(session, feeds)).attended!.data as Float32Array;
    } finally {
      await session.release();
    }
  };
  const expected = await on(cpuDevice);
  const found = await on(device);
  return found.every((value, index) => Math.abs(value - expected[index]!) < 1e-3);
}
