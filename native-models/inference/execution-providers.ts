/** What each device asks of ONNX Runtime: its execution provider with options, and which providers a platform can have. */
import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import type { Device, Provider } from './device.ts';

/** A machine, as far as the choice of providers goes; `process` is one. */
export interface Platform {
  platform: string;
  arch: string;
}

/** COREML_FLAG_CREATE_MLPROGRAM: the newer of CoreML's two formats, the one that knows attention and GELU. */
const coreMlProgram = 0x010;

/**
 * The providers that onnxruntime-node 1.30 may hold for a platform, the likely fastest first; the CPU is always last.
 * CUDA and TensorRT still need libraries that the person brings (docs/devices.md). There is no build for Intel Macs.
 */
export function platformProviders({ platform, arch }: Platform): Provider[] {
  if (platform === 'win32') return ['directml', 'webgpu', 'cpu'];
  if (platform === 'darwin') return ['coreml', 'webgpu', 'cpu'];
  if (platform === 'linux' && arch === 'x64') return ['tensorrt', 'cuda', 'webgpu', 'cpu'];
  return ['cpu'];
}

/** Providers by the names that ONNX Runtime's Node binding lists them under. */
const backendNames: Record<Provider, string> = {
  cpu: 'cpu',
  webgpu: 'webgpu',
  directml: 'dml',
  coreml: 'coreml',
  cuda: 'cuda',
  tensorrt: 'tensorrt',
};

/** Whether this build of ONNX Runtime knows the provider: one it does not know is dropped silently, and the CPU computes. */
export function isBuiltIn(provider: Provider): boolean {
  return listSupportedBackends().some(({ name }) => name === backendNames[provider]);
}

/** CoreML wants fixed shapes, which a growing conversation never has: it encodes pictures only. */
export function computesText(provider: Provider): boolean {
  return provider !== 'coreml';
}

/**
 * The session options of a device. Nodes that a provider can't compute fall back to the CPU's kernels, which is why
 * `cpu` follows each of them.
 */
export function sessionOptionsFor(device: Device): InferenceSession.SessionOptions {
  switch (device.provider) {
    case 'cpu':
      return { executionProviders: ['cpu'] };
    case 'webgpu':
      return { executionProviders: ['webgpu', 'cpu'] };
    case 'directml':
      // DirectML refuses memory patterns and parallel execution (its page in ONNX Runtime's documentation).
      return {
        executionProviders: [{ name: 'dml', deviceId: device.index }, 'cpu'],
        enableMemPattern: false,
        executionMode: 'sequential',
      };
    case 'coreml':
      return { executionProviders: [{ name: 'coreml', coreMlFlags: coreMlProgram }, 'cpu'] };
    case 'cuda':
      return { executionProviders: [{ name: 'cuda', deviceId: device.index }, 'cpu'] };
    case 'tensorrt':
      // What TensorRT can't compile stays on the same GPU.
      return {
        executionProviders: [
          { name: 'tensorrt', deviceId: device.index },
          { name: 'cuda', deviceId: device.index },
          'cpu',
        ],
      };
  }
}
