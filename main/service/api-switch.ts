/** Turns the API server on and off. It is off until somebody asks for it. */
import { randomBytes } from 'node:crypto';
import { AppError } from '../../preload/contract/errors.ts';
import type { ApiEngine } from './api-server/api-engine.ts';
import { type ApiServer, startApiServer } from './api-server/start-api-server.ts';
import { logFault } from './log-fault.ts';

export interface ApiSwitch {
  /** @throws AppError `invalid_request` where it runs already, or the port is taken */
  start(options: {
    port: number;
    token: string | null;
    allowedOrigins: string[];
  }): Promise<{ url: string; token: string }>;
  stop(): Promise<void>;
}

export function createApiSwitch(engine: ApiEngine, version: string): ApiSwitch {
  let server: ApiServer | null = null;
  return {
    async start({ port, token, allowedOrigins }) {
      if (server) throw new AppError('invalid_request', 'The API server runs already. Stop it first.');
      const secret = token ?? randomBytes(24).toString('base64url');
      server = await startApiServer({
        engine,
        token: secret,
        port,
        allowedOrigins,
        version,
        onFault: logFault,
      }).catch((cause: unknown) => {
        throw new AppError(
          'invalid_request',
          `The API server can't listen at port ${port}. Choose another one.`,
          { cause },
        );
      });
      return { url: server.url, token: secret };
    },
    async stop() {
      const open = server;
      server = null;
      await open?.close();
    },
  };
}
