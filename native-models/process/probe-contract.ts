/** What the probe process, a throw-away child, answers: which devices may be here, and what one of them does. */
import { z } from 'zod';
import { type Client, type Contract, call, stream } from '../../preload/contract/define.ts';
import { processContract } from './process-contract.ts';

const deviceName = z.string().min(1).max(20);
const figure = z.exactOptional(z.number().positive());

const deviceRowSchema = z.strictObject({
  device: deviceName,
  outcome: z.enum(['works', 'differs', 'unavailable', 'crashed', 'hung']),
  speed: z.strictObject({
    visionMsPerTile: figure,
    prefillTokensPerSecond: figure,
    decodeTokensPerSecond: figure,
  }),
});

export const deviceTableSchema = z.strictObject({
  machine: z.string().max(1000),
  measuredAt: z.number().nonnegative(),
  rows: z.array(deviceRowSchema).max(64),
});

export const probeContract = {
  ...processContract,
  /** What is worth trying here, without trying it, and what the machine is known by. */
  listDevices: call(
    z.strictObject({}),
    z.strictObject({ machine: z.string().max(1000), devices: z.array(deviceName).max(64) }),
  ),
  /** Tries one device. A driver may take this process along: whoever asks notes that as its row. */
  probeDevice: stream(
    z.strictObject({ device: deviceName }),
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('step') }),
      z.strictObject({ type: z.literal('done'), row: deviceRowSchema }),
    ]),
  ),
} satisfies Contract;

export type ProbeContract = typeof probeContract;
export type ProbeClient = Client<ProbeContract>;
