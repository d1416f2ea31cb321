/** Models on other machines: a server's address, added by hand, behind which an OpenAI-compatible server serves InternVL. */
import { z } from 'zod';
import { type Contract, call } from './define.ts';
import { modelIdSchema } from './ids.ts';

const url = z.string().min(1).max(500);
const key = z.string().min(1).max(1000).nullable();

/**
 * Where a model's key is: `none` is asked for, `kept` sealed by the system's key store or the host's key file, `session`
 * in memory until the app quits, `missing` since it has quit.
 */
const serverKeyPlaceSchema = z.enum(['none', 'kept', 'session', 'missing']);

/** What marks a model as being elsewhere: questions, pictures and documents go to this host. */
export const remotePlaceSchema = z.object({
  host: z.string().max(300),
  /** As a person knows it: LMDeploy, vLLM … */
  server: z.string().max(100),
  /** As the server lists it. */
  model: z.string().max(300),
  key: serverKeyPlaceSchema,
});

const serverDescriptionSchema = z.object({
  /** As it is kept: with its path, without what was typed beside. */
  url: z.string().max(600),
  host: z.string().max(300),
  server: z.string().max(100),
  models: z
    .array(z.object({ id: z.string().max(300), contextLength: z.int().positive().nullable() }))
    .max(1000),
  /** What it can't do, and a model here can. */
  gaps: z.array(z.enum(['tiles', 'tilesOfEach', 'sampling', 'regex', 'continuing'])),
});

export const remoteModelContract = {
  /**
   * Asks a server which models it serves; nothing but the key is sent.
   * @throws `invalid_request` for an address in the clear, `access_denied`, `network_failed`, `timed_out`, `not_found`;
   *   `offline`
   */
  tryServer: call(z.object({ url, key }), serverDescriptionSchema),
  /** Adds a model of a server to the library, or gives the one of this address and name a new key. @throws as `tryServer` */
  addRemoteModel: call(
    z.object({ url, key, model: z.string().min(1).max(300) }),
    z.object({ id: modelIdSchema, key: serverKeyPlaceSchema }),
  ),
} satisfies Contract;

export type RemotePlace = z.infer<typeof remotePlaceSchema>;
export type ServerKeyPlace = z.infer<typeof serverKeyPlaceSchema>;
export type DescribedServer = z.infer<typeof serverDescriptionSchema>;
