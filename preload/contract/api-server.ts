/** The API server for other programs on this machine: off until somebody turns it on. */
import { z } from 'zod';
import { type Contract, call } from './define.ts';

const nothing = z.object({});

const apiServerSchema = z.object({
  /** Where it answers, without the route; null while it is off. */
  url: z.string().nullable(),
  /** The one it takes, or took last. */
  port: z.int().min(0).max(65_535),
  /** What programs send with every request; null until it is made at the first start. */
  token: z.string().nullable(),
  /** Whether the token is the same after a restart of the app: not where the system has no key store. */
  isTokenKept: z.boolean(),
});

export const apiServerContract = {
  describeApiServer: call(nothing, apiServerSchema),
  /** @throws `invalid_request` where it runs already, or the port is taken */
  turnApiServerOn: call(z.object({ port: z.int().min(1024).max(65_535) }), apiServerSchema),
  /** Requests under way end. */
  turnApiServerOff: call(nothing, apiServerSchema),
  /** A new token; who has the old one is refused at once. */
  renewApiToken: call(nothing, apiServerSchema),
} satisfies Contract;

export type ApiServerState = z.infer<typeof apiServerSchema>;
