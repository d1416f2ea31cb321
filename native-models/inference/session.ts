/** Opens an ONNX Runtime session on a graph built in memory whose weights lie in a model folder. */
import * as ort from 'onnxruntime-node';
import { AppError } from '../../preload/contract/errors.ts';

export interface SessionOptions {
  /** Folder of the graph's data files; they are mapped, not read. */
  folder: string;
  device: 'cpu' | 'webgpu';
  /** Threads of one run; 0 lets ONNX Runtime take the physical cores. */
  threads: number;
}

/** @throws AppError `device_unavailable` where the provider can't start, `out_of_memory`, else `model_folder_broken` */
export async function openSession(graph: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(graph, {
      executionProviders: options.device === 'webgpu' ? ['webgpu', 'cpu'] : ['cpu'],
      intraOpNumThreads: options.threads,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: {
        session: {
          model_external_initializers_file_folder_path: options.folder,
          // Where the CPU has no VNNI, u8 × s8 products can saturate in 16 bits; this picks the exact kernel there.
          x64quantprecision: '1',
        },
      },
    });
  } catch (error) {
    throw sessionError(error, options.device);
  }
}

/** Runs a session. @throws AppError `out_of_memory` where a tensor of this run does not fit, else as ONNX Runtime throws */
export async function runSession(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
): Promise<Readonly<Record<string, ort.Tensor>>> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    if (!isOutOfMemory(cause)) throw cause;
    throw new AppError(
      'out_of_memory',
      'There is not enough memory for this question. Use fewer or smaller pictures, or close other programs.',
      { cause },
    );
  }
}

/** ONNX Runtime has no code for it, only words. */
function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error && /bad_alloc|bad allocation|out of memory|failed to allocate/i.test(error.message)
  );
}

function sessionError(error: unknown, device: 'cpu' | 'webgpu'): AppError {
  if (isOutOfMemory(error)) {
    return new AppError(
      'out_of_memory',
      'The model does not fit into memory. Choose a smaller precision or model.',
      { cause: error },
    );
  }
  if (device === 'webgpu') {
    return new AppError('device_unavailable', 'WebGPU can’t run this model here. Use --device cpu.', {
      cause: error,
    });
  }
  return new AppError(
    'model_folder_broken',
    'ONNX Runtime refuses this model. Convert the checkpoint again.',
    { cause: error },
  );
}

/** A float tensor over memory we own. */
export function floatTensor(values: Float32Array, dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('float32', values, dims);
}

/** A whole-number tensor; default: a list. */
export function integerTensor(
  values: readonly number[],
  dims: readonly number[] = [values.length],
): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/** Lets messages in (cancel among them) before the next blocking run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
