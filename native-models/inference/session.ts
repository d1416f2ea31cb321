/** Opens an ONNX Runtime session on a graph built in memory whose weights lie in a model folder. */
import * as ort from 'onnxruntime-node';
import { AppError } from '../../preload/contract/errors.ts';
import { type Device, deviceName } from './device.ts';
import { multipliesExactly } from './exact-products.ts';
import { isBuiltIn, sessionOptionsFor } from './execution-providers.ts';

export interface SessionOptions {
  /** Folder of the graph's data files; they are mapped, not read. */
  folder: string;
  device: Device;
  /** Threads of one run; 0 lets ONNX Runtime take the physical cores. */
  threads: number;
  /** Outputs that stay in the GPU's memory, to be inputs of later runs (WebGPU). */
  outputsOnDevice?: readonly string[];
  /** Buffers go back to the system after each run: slower by a seventh, for sessions that seldom run. */
  givesMemoryBack?: boolean;
  /** A failing run is expected: nothing goes to stderr. */
  quiet?: boolean;
}

/** Where each open session computes. */
const deviceOf = new WeakMap<ort.InferenceSession, Device>();

/** @throws AppError `device_unavailable` where the provider can't start, `out_of_memory`, else `model_folder_broken` */
export async function openSession(graph: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  if (!isBuiltIn(options.device.provider)) throw sessionError(null, options.device);
  try {
    const session = await ort.InferenceSession.create(graph, {
      ...sessionOptionsFor(options.device),
      ...(options.outputsOnDevice && {
        preferredOutputLocation: Object.fromEntries(
          options.outputsOnDevice.map((name) => [name, 'gpu-buffer' as const]),
        ),
      }),
      intraOpNumThreads: options.threads,
      graphOptimizationLevel: 'all',
      enableCpuMemArena: !options.givesMemoryBack,
      logSeverityLevel: options.quiet ? 4 : 3,
      extra: {
        session: {
          model_external_initializers_file_folder_path: options.folder,
          // Threads wait for work spinning within a run, and let the processor sleep after it: decode took the same
          // 32 ms a token (0.5B int4, two cores), and the second after it 0.4 ms of processor time instead of 40.
          force_spinning_stop: '1',
          // Where u8 × s8 products saturate in 16 bits, this makes the weights u8, whose kernels don't.
          x64quantprecision: (await multipliesExactly()) ? '0' : '1',
        },
      },
    });
    deviceOf.set(session, options.device);
    return session;
  } catch (error) {
    throw sessionError(error, options.device);
  }
}

/**
 * Runs a session.
 * @throws AppError `device_unavailable` where another device than the CPU fails, `out_of_memory` where a tensor of this
 *   run does not fit, else as ONNX Runtime throws
 */
export async function runSession(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
): Promise<Readonly<Record<string, ort.Tensor>>> {
  try {
    return await session.run(feeds);
  } catch (cause) {
    const device = deviceOf.get(session);
    if (device && device.provider !== 'cpu') throw lostDevice(device, cause);
    if (!isOutOfMemory(cause)) throw cause;
    throw new AppError(
      'out_of_memory',
      'There is not enough memory for this question. Use fewer or smaller pictures, or close other programs.',
      { cause },
    );
  }
}

/** A driver was restarted, the card is gone or its memory is full: ONNX Runtime tells none of it apart. */
function lostDevice(device: Device, cause: unknown): AppError {
  const sentence = `The device ${deviceName(device)} stopped computing. Ask again, or choose the CPU.`;
  return new AppError('device_unavailable', sentence, { cause, retryable: true });
}

/** ONNX Runtime has no code for it, only words. */
function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error && /bad_alloc|bad allocation|out of memory|failed to allocate/i.test(error.message)
  );
}

function sessionError(error: unknown, device: Device): AppError {
  if (isOutOfMemory(error)) {
    return new AppError(
      'out_of_memory',
      'The model does not fit into memory. Choose a smaller precision or model.',
      { cause: error },
    );
  }
  if (device.provider !== 'cpu') {
    const sentence = `The device ${deviceName(device)} can’t run this model here. Choose the CPU instead.`;
    return new AppError('device_unavailable', sentence, { cause: error });
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
