/** Which of several devices runs which of the decoder's layers: the model card's rule. */
import type { ModelConfig } from '../architectures/model-config.ts';
import type { LayerRange } from '../architectures/parameters.ts';
import { type Device, deviceName, sameDevice } from './device.ts';

/** A stretch of the decoder on one device. */
export interface StagePlan {
  /** Index into the list of devices. */
  device: number;
  layers: LayerRange;
}

/**
 * Stages in the order they run. Source: model card, "Multiple GPUs", `split_model`: the vision encoder is on device 0,
 * which counts as half a device; the last layer, the final norm and lm_head are on device 0 again. A late device may
 * get nothing: the shares are rounded up.
 */
export function planLayers(layerCount: number, deviceCount: number): StagePlan[] {
  const share = Math.ceil(layerCount / (deviceCount - 0.5));
  const firstShare = Math.ceil(share / 2);
  const deviceOf = (layer: number) =>
    layer < firstShare || layer === layerCount - 1 ? 0 : 1 + Math.floor((layer - firstShare) / share);
  const stages: StagePlan[] = [];
  for (let layer = 0; layer < layerCount; layer++) {
    const device = deviceOf(layer);
    const open = stages.at(-1);
    if (open?.device === device) open.layers.end = layer + 1;
    else stages.push({ device, layers: { first: layer, end: layer + 1 } });
  }
  return stages;
}

/** A stretch of layers and where it runs; stages follow each other without a gap. */
export interface DecoderStage {
  device: Device;
  layers: LayerRange;
}

/** Where each part of a model runs. */
export interface ModelPlaces {
  vision: Device;
  stages: DecoderStage[];
}

/** The parts of a model over these devices, at least one; a device may be named twice. */
export function placeModel({ decoder }: ModelConfig, devices: readonly Device[]): ModelPlaces {
  const stages = planLayers(decoder.layerCount, devices.length);
  return {
    vision: devices[0]!,
    stages: stages.map(({ device, layers }) => ({ device: devices[device]!, layers })),
  };
}

/**
 * One line for a person: `cpu`; of several devices with the layers of each, counted from 0 as weights name them:
 * `cuda 0–7, 23 + cuda:1 8–22`.
 */
export function describePlaces({ vision, stages }: ModelPlaces): string {
  const devices = stages.map(({ device }) => device);
  const distinct = devices.filter((each, at) => devices.findIndex((other) => sameDevice(other, each)) === at);
  const layersOn = (device: Device) =>
    stages
      .filter((stage) => sameDevice(stage.device, device))
      .map(({ layers: { first, end } }) => (end - first === 1 ? `${first}` : `${first}–${end - 1}`));
  const isSplit = stages.length > 1;
  const decoder = distinct.map((device) =>
    isSplit ? `${deviceName(device)} ${layersOn(device).join(', ')}` : deviceName(device),
  );
  const hasOwnVision = !devices.some((device) => sameDevice(device, vision));
  return [...(hasOwnVision ? [deviceName(vision)] : []), ...decoder].join(' + ');
}
