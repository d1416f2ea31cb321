/** What a page may send over the bridge, channel by channel; anything else is dropped before it is looked at. */
import { z } from 'zod';
import { maxFrameBytes } from '../../native-models/process/frames.ts';

const id = z.int().nonnegative();

/** A frame of preload/bridge.ts. The input itself is checked by the service, where the contract is. */
const pageFrameSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('part'), id, payload: z.string().max(maxFrameBytes / 2) }),
  z.strictObject({
    kind: z.literal('open'),
    id,
    payload: z.strictObject({ name: z.string().min(1).max(64), input: z.unknown() }),
    parts: z.int().positive().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('cancel'), id }),
]);

/** Every channel a page can reach, with the schema of its one argument. A test walks this table. */
export const channels = {
  frame: pageFrameSchema,
  /** The path of a File that the preload script resolved. */
  'offer-file': z
    .string()
    .min(1)
    .max(32_768)
    .refine((path) => !path.includes('\0')),
} as const;
