/** Repairs the store of one profile, beside the service's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { repairStore } from './repair.ts';

parentPort?.postMessage(await repairStore(String(workerData)));
