/** The CLI's child processes: the same ones the app has, started as plain Node. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConvertClient, convertContract } from '../../native-models/process/convert-contract.ts';
import { type EngineClient, engineContract } from '../../native-models/process/engine-contract.ts';
import { type MediaClient, mediaContract } from '../../native-models/process/media-contract.ts';
import { type ProbeClient, probeContract } from '../../native-models/process/probe-contract.ts';
import type { Client, Contract } from '../../preload/contract/define.ts';
import { connectClient } from '../supervisor/connect-client.ts';
import { spawnNodeChild } from '../supervisor/spawn-node-child.ts';
import { supervise } from '../supervisor/supervise.ts';
import { profileFolder } from './app-folders.ts';

/** Entry files of the children. */
export interface ChildFiles {
  engine: string;
  media: string;
  convert: string;
  probe: string;
}

const entry = (name: string) =>
  fileURLToPath(new URL(`../../native-models/process/${name}-entry.ts`, import.meta.url));

export const childFiles: ChildFiles = {
  engine: entry('engine'),
  media: entry('media'),
  convert: entry('convert'),
  probe: entry('probe'),
};

/** Loading and converting big models blocks for long; everything else reports at least every few hundred milliseconds. */
const estimatesMs: Record<string, number> = {
  probeDevice: 18_000, // a driver may compile shaders for a minute
  loadModel: 120_000,
  convertCheckpoint: 60_000,
  importExport: 60_000, // ONNX Runtime opens a graph of gigabytes in one silent step
  mendFile: 60_000,
  checkPrecision: 60_000, // a layer of the 78B is read, widened to 4 GB and run over all samples in one step
};
const usualEstimateMs = 5_000;

/** A child with its typed client. */
export interface Started<C> {
  client: C;
  shutdown(): Promise<void>;
}

/** Children of one run; each starts when first asked for, and a second crash is not waited for: the run has failed. */
export interface Children {
  engine(): Started<EngineClient>;
  media(): Started<MediaClient>;
  convert(): Started<ConvertClient>;
  /** A new process each time. */
  probe(): Started<ProbeClient>;
  shutdownAll(): Promise<void>;
}

export function createChildren(files: ChildFiles): Children {
  const shutdowns = new Set<() => Promise<void>>();
  const start = <C extends Contract>(name: keyof ChildFiles, contract: C): Started<Client<C>> => {
    const child = supervise({
      spawn: spawnNodeChild,
      file: files[name],
      name,
      env: { INTERNVL_PROVIDERS: join(profileFolder(process.env), 'providers') },
      crashLimit: 1,
      estimateMs: (request) => estimatesMs[request.name] ?? usualEstimateMs,
    });
    shutdowns.add(child.shutdown);
    return { client: connectClient(contract, child, 'cli'), shutdown: child.shutdown };
  };
  return {
    engine: () => start('engine', engineContract),
    media: () => start('media', mediaContract),
    convert: () => start('convert', convertContract),
    probe: () => start('probe', probeContract),
    async shutdownAll() {
      await Promise.all([...shutdowns].map((shutdown) => shutdown()));
    },
  };
}
